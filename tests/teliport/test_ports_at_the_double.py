"""The portability calls against the double: a port from draft to complete, and its noes."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest

from numbering.lanes import Lane
from numbering.lifecycle import CarrierStatus
from numbering.telephone import TelephoneNumber
from teliport import errors, webhooks
from teliport.client import Teliport
from teliport.pace import NoPace
from teliport.portability import Portability, ProjectFields
from teliport.sandbox.config import Permission, SandboxConfig
from teliport.webhooks import Delivery
from tests.kit.sandbox import UNLIMITED, Sandbox, sandbox
from tests.teliport.sandbox.port_steps import FOC, NOW, csv_of, to_foc

SECRET = "the webhook secret of this double"
READER = "rng_" + "readonly" * 6
BULK = Lane.BULK
GOOD, OTHER = TelephoneNumber("+13034411000"), TelephoneNumber("+13034411001")
MISMATCH = TelephoneNumber("+13034419101")
ACCOUNT = TelephoneNumber("+13034419105")
FAILS_ONCE = TelephoneNumber("+13034419108")


@pytest.fixture
async def double() -> AsyncIterator[Sandbox]:
    """A sandbox that begins on a Saturday in November and whose webhooks are taken by nobody."""

    async def deliver(url: str, headers: Mapping[str, str], body: bytes) -> int:
        return 200

    config = SandboxConfig(
        rate_limit=UNLIMITED,
        tokens={READER: frozenset({Permission.PORTS_READ})},
        webhook_secrets=(SECRET,),
    )
    async with sandbox(config, deliver=deliver, wall=lambda: NOW) as opened:
        yield opened


def client(double: Sandbox, token: str | None = None) -> Teliport:
    return Teliport(
        double.url,
        token or double.token,
        "567G",
        pace=NoPace(),
        guard=lambda: None,
        transport=double.transport,
    )


@pytest.fixture
def ports(double: Sandbox) -> Portability:
    return client(double).portability


async def draft(ports: Portability, description: str = "[warp:1]") -> str:
    fields = ProjectFields(
        name="Aspen",
        description=description,
        losing_carrier="Verizon",
        authorized_person="Alice Adams",
        authorized_title="Owner",
    )
    made = await ports.create(fields, lane=BULK)
    return made.id


async def validated(ports: Portability, double: Sandbox, *tns: TelephoneNumber) -> str:
    project = await draft(ports)
    await ports.upload(project, csv_of(*(tn.national for tn in tns)), lane=BULK)
    double.advance(60)
    return project


async def test_a_port_from_draft_to_complete(ports: Portability, double: Sandbox) -> None:
    project = await draft(ports)
    assert (await ports.project(project, lane=BULK)).status == "DRAFT"
    job = await ports.upload(project, csv_of(GOOD.national, OTHER.national), lane=BULK)
    begun = await ports.progress(project, lane=BULK)
    assert (begun.job_id, begun.status, begun.total) == (job, "VALIDATING", 2)
    double.advance(60)
    done = await ports.progress(project, lane=BULK)
    assert (done.status, done.validated, done.errors) == ("VALIDATED", 2, 0)
    page = await ports.details(project, lane=BULK)
    assert [(row.number, row.status, row.pin_set) for row in page.rows] == [
        (GOOD, "VALID", True),
        (OTHER, "VALID", True),
    ]
    submitted = await ports.submit(project, FOC, lane=BULK)
    assert submitted.status == "SUBMITTED"
    double.advance(timedelta(hours=49).total_seconds())
    assigned = await ports.project(project, lane=BULK)
    assert (assigned.status, assigned.foc_date) == ("FOC_ASSIGNED", FOC)
    assert assigned.lsr_id == submitted.lsr_id
    to_foc(double)
    complete = await ports.project(project, lane=BULK)
    assert (complete.status, complete.stats and complete.stats.active) == ("COMPLETE", 2)
    assert complete.activated_at
    rows = (await ports.details(project, lane=BULK)).rows
    assert all(row.status == "ACTIVE" and row.activated_at for row in rows)
    found = await client(double).inventory.get_many([GOOD, OTHER])
    assert {(each.status, each.application_id, each.port_direction) for each in found.values()} == {
        (CarrierStatus.IN_USE, "WARP", "IN")
    }


async def test_its_webhooks_are_signed_and_can_be_read(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD)
    await ports.submit(project, FOC, lane=BULK)
    to_foc(double)
    await double.deliver_webhooks()
    read = []
    for sent in double.webhooks:
        name = sent.headers[webhooks.ID_HEADER]
        timestamp = sent.headers[webhooks.TIMESTAMP_HEADER]
        webhooks.verify(
            [SECRET],
            webhook_id=name,
            timestamp=timestamp,
            signature=sent.headers[webhooks.SIGNATURE_HEADER],
            body=sent.body,
            now=float(timestamp),
        )
        read.append(Delivery.read(name, sent.body))
    assert {each.project_id for each in read} == {project}
    assert len({each.id for each in read}) == len(read)
    assert all(each.occurred_at and each.lsr_id and each.sequence for each in read)
    assert read[-1].data["activatedTns"] == [GOOD.national]


async def test_what_is_wrong_with_a_number_is_told(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD, MISMATCH)
    rows = {row.number: row for row in (await ports.details(project, lane=BULK)).rows}
    assert (rows[GOOD].status, rows[GOOD].errors) == ("VALID", ())
    (error,) = rows[MISMATCH].errors
    assert (rows[MISMATCH].status, error.field, error.fixable) == ("INVALID", "btn", True)
    assert error.expected == "3034419100"
    assert "3034419100" in (error.suggested_fix or "")
    with pytest.raises(errors.WrongState):
        await ports.submit(project, FOC, lane=BULK)
    assert await ports.remove(project, [MISMATCH], lane=BULK) == (MISMATCH,)
    assert (await ports.submit(project, FOC, lane=BULK)).lsr_id


async def test_what_the_carrier_says_of_an_account_shows_nowhere(
    ports: Portability, double: Sandbox
) -> None:
    project = await draft(ports)
    canary = "ACCT-CANARY"
    await ports.upload(project, csv_of(ACCOUNT.national, account_number=canary), lane=BULK)
    double.advance(60)
    page = await ports.details(project, lane=BULK)
    (row,) = page.rows
    assert row.account_number
    assert row.account_number.get_secret_value() == canary
    assert row.errors[0].field == "accountNumber"
    assert canary not in repr(page)


async def test_fields_change_until_the_submission(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD)
    fields = ProjectFields(name="Boulder", requested_foc_date=FOC)
    changed = await ports.update(project, fields, lane=BULK)
    assert (changed.name, changed.requested_foc_date, changed.losing_carrier) == (
        "Boulder",
        FOC,
        None,
    )
    await ports.submit(project, FOC, lane=BULK)
    for late in (
        ports.update(project, fields, lane=BULK),
        ports.remove(project, [GOOD], lane=BULK),
        ports.upload(project, csv_of(OTHER.national), lane=BULK),
    ):
        with pytest.raises(errors.WrongState):
            await late


async def test_validate_again_is_a_new_job(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD, OTHER)
    before = await ports.progress(project, lane=BULK)
    job = await ports.validate(project, [GOOD], lane=BULK)
    assert job != before.job_id
    assert (await ports.progress(project, lane=BULK)).job_id == job
    double.advance(60)
    assert await ports.validate(project, lane=BULK) != job


async def test_a_bad_date_is_unprocessable(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD)
    with pytest.raises(errors.Unprocessable):
        await ports.submit(project, FOC - timedelta(days=2), lane=BULK)


async def test_cancel_before_activation_only(ports: Portability, double: Sandbox) -> None:
    project = await validated(ports, double, GOOD)
    await ports.submit(project, FOC, lane=BULK)
    assert (await ports.cancel(project, "changed our minds", lane=BULK)).cancelled
    other = await validated(ports, double, OTHER)
    await ports.submit(other, FOC, lane=BULK)
    to_foc(double)
    with pytest.raises(errors.WrongState):
        await ports.cancel(other, "too late", lane=BULK)


async def test_a_number_that_failed_can_be_activated_again(
    ports: Portability, double: Sandbox
) -> None:
    project = await validated(ports, double, GOOD, FAILS_ONCE)
    await ports.submit(project, FOC, lane=BULK)
    to_foc(double)
    rows = {row.number: row.status for row in (await ports.details(project, lane=BULK)).rows}
    assert rows == {GOOD: "ACTIVE", FAILS_ONCE: "FAILED"}
    assert (await ports.activate(project, [FAILS_ONCE], lane=BULK)).activated == (FAILS_ONCE,)


async def test_pages_of_projects_and_rows(ports: Portability, double: Sandbox) -> None:
    made = [await draft(ports, f"[warp:{n}]") for n in range(3)]
    found = [
        record.id
        for page in range(2)
        for record in (await ports.projects(page=page, size=2, lane=BULK)).projects
    ]
    assert sorted(found) == sorted(made)
    assert (await ports.projects(size=2, lane=BULK)).pages == 2
    project = await validated(ports, double, GOOD, OTHER)
    pages = [await ports.details(project, page=page, size=1, lane=BULK) for page in range(2)]
    assert [page.rows[0].number for page in pages] == [GOOD, OTHER]
    assert {page.total for page in pages} == {2}


async def test_unknown_project_and_missing_permission(ports: Portability, double: Sandbox) -> None:
    with pytest.raises(errors.NotFound):
        await ports.project("no-such-project", lane=BULK)
    project = await draft(ports)
    reader = client(double, READER).portability
    assert (await reader.project(project, lane=BULK)).id == project
    with pytest.raises(errors.PermissionDenied):
        await reader.upload(project, csv_of(GOOD.national), lane=BULK)
    with pytest.raises(errors.PermissionDenied):
        await reader.submit(project, FOC, lane=BULK)


@pytest.mark.parametrize(
    ("action", "kind", "applied"),
    [
        ("refuse", errors.ConnectFailed, False),
        ("reset_before", errors.ConnectionLost, False),
        ("reset_after", errors.ConnectionLost, True),
        ("truncated", errors.ConnectionLost, True),
        ("503", errors.ServerFault, False),
    ],
)
async def test_an_upload_that_goes_wrong_is_told_from_a_refusal(
    action: str,
    kind: type[errors.TeliportError],
    applied: bool,
    ports: Portability,
    double: Sandbox,
) -> None:
    project = await draft(ports)
    await double.fault(action, path="*/upload", nth=1)
    with pytest.raises(errors.TeliportError) as caught:
        await ports.upload(project, csv_of(GOOD.national), lane=BULK)
    assert type(caught.value) is kind
    assert bool((await ports.details(project, lane=BULK)).rows) is applied
