"""Signed links: they open one document, for ten minutes, to be saved and never shown."""

import time
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from pydantic import SecretStr

from db import port_documents, port_projects
from db.roles import Urls
from gateway.links import LIFETIME_SECONDS, DocumentLinks, LinkRefused, unsigned
from numbering.actors import Scope
from tests.db import make
from tests.kit.postgres import TestCluster
from tests.kit.stack import SECRETS_KEY, Stack, running

CONTENT = b"%PDF-1.7 <script>alert(1)</script>" * 1000
OTHER_KEY = "b3RoZXIga2V5IG9mIHRoZSB0ZXN0cywgMzIgYnl0ZXM="


@pytest.fixture
async def quiet_stack(database_urls: Urls) -> AsyncIterator[Stack]:
    async with running(database_urls, worker=False) as opened:
        yield opened


async def kept(stack: Stack, name: str = "loa.pdf", *, sealed: bytes | None = None) -> UUID:
    """A document in the database; its id."""
    services = stack.platform.services
    assert services.vault
    content = services.vault.seal_bytes(CONTENT) if sealed is None else sealed
    async with services.database.write(Scope.staff()) as session:
        project = await port_projects.insert(session, make.port_project())
        document = make.port_document(project, file_name=name, content_sealed=content)
        await port_documents.insert(session, document)
        return document.id


async def fetched(stack: Stack, link: str, **changes: str) -> httpx.Response:
    """Follow a link, with some of its parameters changed."""
    parts = urlsplit(link)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return await stack.client.get(parts.path, params={**asked, **changes})


class TestDocuments:
    async def test_a_link_gives_the_document_to_be_saved(self, quiet_stack: Stack) -> None:
        document = await kept(quiet_stack, "Vollmacht für\r\nAspen; x=1.PDF")
        answer = await fetched(quiet_stack, quiet_stack.platform.services.document_link(document))
        assert (answer.status_code, answer.content) == (200, CONTENT)
        headers = answer.headers
        assert headers["content-type"] == "application/pdf"
        assert headers["content-disposition"] == (
            "attachment; filename*=utf-8''Vollmacht%20f%C3%BCr%0D%0AAspen%3B%20x%3D1.PDF"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"] == "default-src 'none'; sandbox"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"

    @pytest.mark.parametrize("name", ["page.html", "x.svg", "noext", ".pdf.js"])
    async def test_what_a_browser_might_run_is_only_bytes(
        self, name: str, quiet_stack: Stack
    ) -> None:
        link = quiet_stack.platform.services.document_link(await kept(quiet_stack, name))
        answer = await fetched(quiet_stack, link)
        assert answer.headers["content-type"] == "application/octet-stream"

    async def test_a_changed_link_opens_nothing(self, quiet_stack: Stack) -> None:
        document, other = await kept(quiet_stack), await kept(quiet_stack)
        link = quiet_stack.platform.services.document_link(document)
        later = str(int(time.time()) + 10**6)
        for changes in (
            {"expires": later}, {"expires": ""}, {"expires": "x"}, {"expires": "٣"},
            {"expires": "9" * 13}, {"signature": ""}, {"signature": "é"}, {"signature": "0" * 64},
        ):  # fmt: skip
            answer = await fetched(quiet_stack, link, **changes)
            assert (answer.status_code, answer.text) == (
                403,
                "This link is not valid; ask for the document's link again.",
            )
        moved = await fetched(quiet_stack, link.replace(str(document), str(other)))
        assert moved.status_code == 403
        bare = await quiet_stack.client.get(unsigned(document))
        assert bare.status_code == 403

    async def test_a_signed_link_to_nothing_finds_nothing(self, quiet_stack: Stack) -> None:
        link = quiet_stack.platform.services.document_link(uuid4())
        assert (await fetched(quiet_stack, link)).status_code == 404
        nonsense = await quiet_stack.client.get("/files/port-documents/nonsense")
        assert nonsense.status_code == 404

    async def test_a_document_whose_key_is_lost_is_told_without_detail(
        self, quiet_stack: Stack
    ) -> None:
        document = await kept(quiet_stack, sealed=b"sealed with a lost key")
        answer = await fetched(quiet_stack, quiet_stack.platform.services.document_link(document))
        assert (answer.status_code, "told" in answer.text) == (500, True)

    async def test_without_the_database_it_says_so(
        self, quiet_stack: Stack, postgres_cluster: TestCluster, database_urls: Urls
    ) -> None:
        link = quiet_stack.platform.services.document_link(uuid4())
        await postgres_cluster.drop(database_urls)
        assert (await fetched(quiet_stack, link)).status_code == 503

    async def test_without_a_key_there_are_no_links(self, database_urls: Urls) -> None:
        async with running(database_urls, worker=False, secrets_key=SecretStr("")) as stack:
            link = stack.platform.services.document_link(uuid4())
            assert link.startswith("/files/port-documents/")
            assert (await stack.client.get(link)).status_code == 403


class TestLinks:
    def test_a_link_ends_after_ten_minutes(self) -> None:
        now = [1_800_000_000.0]
        links = DocumentLinks("https://numbers.example/", [SECRETS_KEY], lambda: now[0])
        document = uuid4()
        link = links.link(document)
        assert link.startswith(f"https://numbers.example/files/port-documents/{document}?expires=")
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        now[0] += LIFETIME_SECONDS
        links.judge(document, **asked)
        now[0] += 1
        with pytest.raises(LinkRefused, match="ended"):
            links.judge(document, **asked)

    def test_links_outlive_a_change_of_keys(self) -> None:
        document = uuid4()
        link = DocumentLinks("", [OTHER_KEY]).link(document)
        asked = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
        DocumentLinks("", [SECRETS_KEY, OTHER_KEY]).judge(document, **asked)
        with pytest.raises(LinkRefused, match="not valid"):
            DocumentLinks("", [SECRETS_KEY]).judge(document, **asked)

    async def test_they_start_with_the_public_url(self, database_urls: Urls) -> None:
        url = "https://numbers.example/api"
        async with running(database_urls, worker=False, public_url=url) as stack:
            link = stack.platform.services.document_link(uuid4())
        assert link.startswith("https://numbers.example/api/files/port-documents/")
