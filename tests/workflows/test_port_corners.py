"""Ports where somebody else was quicker, where nothing is secret, and where nothing was changed."""

from __future__ import annotations

import asyncio

from db.ids import new_id
from tests.workflows.port_rig import PortRig, csv_of, number, refused
from tests.workflows.rig import ALICE
from workflows import port_secrets
from workflows.wiring import Services

BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'transactionid')"
TAKE = (
    "INSERT INTO voice.port_numbers (id, project_id, customer_id, number) VALUES ($1, $2, $3, $4)"
)


async def test_every_number_of_a_file_was_taken_meanwhile(ports: PortRig) -> None:
    """The other project has not committed yet when the file is judged."""
    other, project_id = await ports.project(), await ports.project()
    owner = ports.rig.owner
    async with owner.transaction():
        await owner.execute(TAKE, new_id(), other, ALICE.customer_id, number(1521))
        uploading = asyncio.create_task(ports.upload(project_id, csv_of(1521)))
        while not await owner.fetchval(BLOCKED):
            pass
    answer = await uploading
    assert refused(answer.accepted) == [("FILE_REFUSED", ("file",))]
    assert (await ports.row(project_id))["status"] == "DRAFT"


async def test_a_rejected_project_goes_again_unchanged(ports: PortRig) -> None:
    """The losing carrier may have erred: what it named is not edited first."""
    project_id = await ports.submitted(9109, 1522)
    for _ in range(20):
        await ports.rig.advance(6 * 3600)
        await ports.rig.settle_due()
        if (await ports.row(project_id))["status"] == "REJECTED":
            break
    assert (await ports.row(project_id))["status"] == "REJECTED"
    assert (await ports.submit(project_id)).refusals == ()
    await ports.rig.settle_due()
    row = await ports.row(project_id)
    assert (row["status"], row["attempt"]) == ("SUBMITTED", 2)
    assert await ports.states(project_id) == ["SUBMITTED"] * 2


async def test_numbers_without_secrets(ports: PortRig) -> None:
    project_id = await ports.project()
    await ports.upload(project_id, csv_of(1523, account="", pin=""))
    (row,) = await ports.numbers(project_id)
    assert (row["account_number_sealed"], row["account_number_mask"]) == (None, None)
    await ports.rig.settle_due()
    assert await ports.checked(project_id) == "VALIDATED"
    assert port_secrets.seal(None, "") is None


def test_a_process_without_links_names_the_document() -> None:
    document_id = new_id()
    assert str(document_id) in Services.__dataclass_fields__["document_link"].default(document_id)
