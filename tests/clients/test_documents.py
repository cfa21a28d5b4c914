"""The ready-made tabs and portal documents are valid against the committed schema."""

from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution.values import get_variable_values

from tests.clients.documents import PORTAL, TABS, committed_schema, variables_of

DAILY_WORK = {
    "Viewer",
    "SearchNumbers",
    "ReserveNumbers",
    "WatchReservation",
    "AssignReservation",
    "NumbersWithCarrierRecord",
    "ConfigureNumbers",
    "ReleaseNumbers",
    "LintPortFile",
    "PortFileRules",
    "CreatePortProject",
    "UploadPortFile",
    "WatchPortValidation",
    "PortErrors",
    "ApplySuggestedFixes",
    "FixPortNumbers",
    "RemovePortNumbers",
    "UploadLoa",
    "PortFocCalendar",
    "SubmitPortProject",
    "PortProjectHistory",
    "WatchPortProject",
    "CommentOnPort",
    "CancelPort",
    "PortProjects",
    "OpenIncidents",
    "RetryIncident",
    "AuditLogOfNumber",
    "OutOfSyncNumbers",
    "Customers",
    "CarrierBudget",
    "ActivatePortNumbers",
}


def operation_of(document: Path) -> OperationDefinitionNode:
    [definition] = parse(document.read_text(encoding="utf-8")).definitions
    assert isinstance(definition, OperationDefinitionNode)
    return definition


def faults(document: Path) -> list[str]:
    text = document.read_text(encoding="utf-8")
    return [error.message for error in validate(committed_schema(), parse(text))]


@pytest.mark.parametrize("document", [*TABS, *PORTAL], ids=lambda path: path.name)
def test_a_document_is_valid(document: Path) -> None:
    assert faults(document) == []


@pytest.mark.parametrize("tab", TABS, ids=lambda path: path.stem)
def test_a_tab_opens_with_variables_that_fit(tab: Path) -> None:
    operation = operation_of(tab)
    definitions = list(operation.variable_definitions or ())
    given = variables_of(tab)
    assert set(given) <= {definition.variable.name.value for definition in definitions}

    coerced = get_variable_values(committed_schema(), definitions, given)
    assert not isinstance(coerced, list), [error.message for error in coerced]


@pytest.mark.parametrize("tab", TABS, ids=lambda path: path.stem)
def test_a_tab_says_what_it_is_for(tab: Path) -> None:
    title, hint, *_ = tab.read_text(encoding="utf-8").splitlines()
    assert title.startswith("# ")
    assert hint.startswith("# ")


def test_every_piece_of_daily_work_has_its_tab() -> None:
    names = [operation.name.value for operation in map(operation_of, TABS) if operation.name]
    assert set(names) == DAILY_WORK
    assert len(names) == len(DAILY_WORK)
