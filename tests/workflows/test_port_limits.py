"""How much is kept for one project or one customer: nobody's drawer is without a bottom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from db import seed
from numbering.notices import NoticeKind
from numbering.porting import PortDocumentKind
from tests.workflows.port_rig import PortRig, refused
from tests.workflows.rig import ALICE, BOB, keys
from workflows import porting
from workflows.port_commands import AddPortComment, NoticePreference, UpdateNoticePreferences
from workflows.wiring import PortLimits


def having(ports: PortRig, **limits: Any) -> PortRig:
    """The same platform with narrower limits."""
    return replace(ports, rig=ports.rig.having(port_limits=PortLimits(**limits)))


async def test_open_projects_of_a_customer(ports: PortRig) -> None:
    narrow = having(ports, max_open_projects=2)
    first = await narrow.project()
    assert (await narrow.create()).refusals == ()
    assert refused(await narrow.create()) == [("LIMIT_EXCEEDED", ("customerId",))]
    assert (await narrow.create(BOB)).refusals == ()
    # One that is over counts no more.
    await ports.rig.owner.execute(
        "UPDATE voice.port_projects SET status = 'CANCELLED' WHERE id = $1", first
    )
    assert (await narrow.create()).refusals == ()


async def test_documents_of_a_project(ports: PortRig) -> None:
    project_id = await ports.project()
    narrow = having(ports, max_documents=2)
    for _ in range(2):
        assert (await narrow.letter(project_id, kind=PortDocumentKind.BILL)).refusals == ()
    for kind in (PortDocumentKind.BILL, PortDocumentKind.LOA):
        assert refused(await narrow.letter(project_id, kind=kind)) == [
            ("LIMIT_EXCEEDED", ("projectId",))
        ]


async def test_megabytes_of_a_project(ports: PortRig) -> None:
    project_id = await ports.project()
    content = b"%PDF-1.4\n" + b"x" * 700_000 + b"%%EOF\n"
    narrow = having(ports, max_documents_bytes=2**20)
    assert (await narrow.letter(project_id, content=content)).refusals == ()
    assert refused(await narrow.letter(project_id, content=content)) == [
        ("LIMIT_EXCEEDED", ("file",))
    ]


async def test_comments_of_a_project(ports: PortRig) -> None:
    project_id = await ports.project()
    narrow = having(ports, max_comments=1)

    async def say() -> list[Any]:
        command = AddPortComment(project_id=project_id, text="Hello", idempotency_key=next(keys))
        return refused(await porting.comment(narrow.rig.services, ALICE, command))

    assert await say() == []
    assert await say() == [("LIMIT_EXCEEDED", ("projectId",))]


@pytest.mark.parametrize(
    "address",
    [
        "=?utf-8?q?x=40evil.example=2c?=@b.example",
        "=?utf-8?q?x=0d=0aBcc=3a_y=40evil.example?=@b.example",
        "a@b.example\r\nBcc: y@evil.example",
        "a@b.example,y@evil.example",
        '"a b"@b.example',
        "a <y@evil.example>@b.example",
        "y%evil.example@b.example",
        ".a@b.example",
        "a..b@b.example",
        "a@b.example-",
        "a@127.0.0.1",
        "a@localhost",
        f"{'a' * 65}@b.example",
    ],
)
async def test_an_address_is_one_address_and_reads_as_it_is_written(
    ports: PortRig, address: str
) -> None:
    chosen = NoticePreference(kind=NoticeKind.PORT_COMPLETE, recipients=(address,))
    command = UpdateNoticePreferences(
        customer_id=seed.CUSTOMER_A, preferences=(chosen,), idempotency_key=next(keys)
    )
    accepted = await porting.set_notice_preferences(ports.rig.services, ALICE, command)
    assert refused(accepted) == [("INVALID", ("preferences", "0", "recipients", "0"))]
