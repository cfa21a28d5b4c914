"""Compilers and linters of the portals accept the committed schema. No stack is needed."""

from pathlib import Path

from tests.clients.documents import ROOT, SDL
from tests.clients.node_programs import node, tool

LINT = ["--config", "tests/clients/node/eslint.config.mjs"]


def test_relay_compiler_accepts_the_schema_and_the_relay_documents(tmp_path: Path) -> None:
    assert "relay-compiler: ok" in node("relay.mjs", SDL, tmp_path)


def test_codegen_makes_strict_types_for_the_portal_documents() -> None:
    assert "codegen: ok" in node("codegen.mjs", SDL)


def test_every_type_field_argument_and_value_is_described() -> None:
    tool("eslint", *LINT, "schema/schema.graphql", cwd=ROOT)


def test_no_document_uses_what_is_wrong_or_deprecated() -> None:
    tool("eslint", *LINT, "tests/clients/node/documents", "portal/explorer/src/tabs", cwd=ROOT)
