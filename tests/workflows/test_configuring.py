"""updateDids and releaseDids: written here at once, told to the carrier by and by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from db import seed
from numbering.lifecycle import RoutingType
from numbering.refusals import RefusalCode
from tests.workflows.rig import ALICE, BOB, STAFF, Rig, keys
from tests.workflows.test_reserving import _patient, told
from workflows import procurement
from workflows.accepted import Accepted
from workflows.commands import RoutingRequest, UpdateDids


async def update(rig: Rig, *did_ids: UUID, actor: Any = ALICE, **changes: Any) -> Accepted:
    """Change dids."""
    command = UpdateDids(did_ids=did_ids, changes=changes, idempotency_key=next(keys))  # type: ignore[typeddict-item]
    return await procurement.update_dids(rig.services, actor, command)


async def metadata(rig: Rig, number: str) -> dict[str, Any]:
    """What the carrier has."""
    kept: dict[str, Any] = rig.sandbox.state(number)["applicationMetadata"]
    return kept


async def test_changes_are_kept_at_once_and_pushed(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    accepted = await update(
        rig,
        did_id,
        friendly_name="Reception",
        sms_enabled=True,
        cnam="ASPEN OUTFIT",
        campaign_id=" C1 ",
        e911_address_id=seed.ADDRESS_A,
        routing=RoutingRequest(type=RoutingType.TRUNK, trunk_id=seed.TRUNK_A2),
        custom_fields={"desk": "7", "floor": 2},
    )
    assert told(accepted) == []
    assert accepted.did_ids == (did_id,)
    did = await rig.did(number)
    assert (did["friendly_name"], did["cnam"], did["campaign_id"]) == (
        "Reception",
        "ASPEN OUTFIT",
        "C1",
    )
    assert (did["meta_version"], did["pushed_version"]) == (2, 1)
    await rig.quiet()
    kept = await metadata(rig, number)
    assert (kept["cnam"], kept["desk"], kept["floor"]) == ("ASPEN OUTFIT", "7", 2)
    assert kept["trunk_id"] == str(seed.TRUNK_A2)
    assert (await rig.did(number))["pushed_version"] == 2
    audit = await rig.owner.fetchrow("SELECT * FROM ops.audit WHERE action = 'CONFIGURE'")
    assert audit is not None
    assert audit["before"]["cnam"] is None
    assert audit["after"]["trunk_id"] == str(seed.TRUNK_A2)
    await rig.check()


async def test_clearing_removes_the_key_at_the_carrier(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await update(rig, did_id, cnam="ASPEN", custom_fields={"a": 1, "b": 2}, friendly_name="x")
    await rig.quiet()
    await update(rig, did_id, cnam=None, custom_fields={"a": None, "never": None}, routing=None)
    await rig.quiet()
    kept = await metadata(rig, number)
    assert "cnam" not in kept
    assert "a" not in kept
    assert kept["b"] == 2
    assert (await rig.did(number))["custom_fields"] == {"b": 2}
    await update(rig, did_id, custom_fields=None, friendly_name="", cnam="")
    await rig.quiet()
    assert "b" not in await metadata(rig, number)
    did = await rig.did(number)
    assert (did["custom_fields"], did["friendly_name"], did["routing_type"]) == ({}, None, "NONE")
    await rig.check()


async def test_what_the_carrier_does_not_care_about_is_not_pushed(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    accepted = await update(rig, did_id, friendly_name="Desk")
    assert accepted.operation_ids == ()
    assert (await rig.did(number))["meta_version"] == 1
    same = await update(rig, did_id, friendly_name="Desk", voice_enabled=True)
    assert (told(same), same.did_ids) == ([], (did_id,))
    assert await rig.owner.fetchval("SELECT count(*) FROM ops.audit WHERE action='CONFIGURE'") == 1
    await rig.check()


async def test_pushes_coalesce(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    for count in range(5):
        await update(rig, did_id, custom_fields={"count": count})
    await rig.quiet()
    assert rig.sent(number, "/metadata") == 1
    assert (await metadata(rig, number))["count"] == 4
    await rig.check()


async def test_a_change_during_the_push_is_pushed_after_it(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.sandbox.fault("reset_after", path="*/metadata", times=1)
    await update(rig, did_id, custom_fields={"count": 1})
    await rig.settle_due()
    later = await update(rig, did_id, custom_fields={"count": 2})
    assert later.operation_ids == ()
    await rig.quiet(sweep=False)
    assert (await metadata(rig, number))["count"] == 2
    await rig.check()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({}, ("changes",)),
        ({"voice_enabled": None}, ("changes", "voiceEnabled")),
        ({"mms_enabled": None}, ("changes", "mmsEnabled")),
        ({"friendly_name": "x" * 101}, ("changes", "friendlyName")),
        ({"campaign_id": "x" * 65}, ("changes", "campaignId")),
    ],
)
async def test_changes_that_make_no_sense_refuse_it_whole(
    rig: Rig, changes: dict[str, Any], path: tuple[str, ...]
) -> None:
    refused = await update(rig, UUID(int=1), **changes)
    assert told(refused) == [(RefusalCode.INVALID, path)]


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"cnam": "12345"}, "cnam", "INVALID"),
        ({"cnam": "A NAME THAT IS TOO LONG"}, "cnam", "INVALID"),
        ({"e911_address_id": seed.ADDRESS_B}, "e911AddressId", "NOT_FOUND"),
        ({"custom_fields": {"ban": "x"}}, "customFields", "INVALID"),
        ({"custom_fields": {"warp_x": None}}, "customFields", "INVALID"),
        (
            {"routing": RoutingRequest(type=RoutingType.TRUNK, trunk_id=seed.TRUNK_B1)},
            "routing",
            "NOT_FOUND",
        ),
        ({"routing": RoutingRequest(type=RoutingType.SIP_URI)}, "routing", "INVALID"),
    ],
)
async def test_a_did_refuses_for_itself(
    rig: Rig, changes: dict[str, Any], path: str, code: str
) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    refused = await update(rig, did_id, **changes)
    ((found, where),) = told(refused)
    assert (found, where[:4]) == (RefusalCode(code), ("didIds", "0", "changes", path))
    assert (await rig.did(number))["meta_version"] == 1


async def test_dids_of_others_and_of_nobody_look_alike(rig: Rig) -> None:
    mine, theirs = rig.free(2)
    (my_id,) = await rig.owned(mine)
    (their_id,) = await rig.owned(theirs, actor=BOB)
    accepted = await update(rig, their_id, my_id, UUID(int=0), my_id, voice_enabled=False)
    assert sorted(told(accepted)) == [
        (RefusalCode.INVALID, ("didIds", "3")),
        (RefusalCode.NOT_FOUND, ("didIds", "0")),
        (RefusalCode.NOT_FOUND, ("didIds", "2")),
    ]
    messages = {r.message for r in accepted.refusals if r.code is RefusalCode.NOT_FOUND}
    assert len(messages) == 1
    by_staff = await update(rig, their_id, my_id, actor=STAFF, voice_enabled=False)
    assert told(by_staff) == []
    await rig.quiet()
    assert (await metadata(rig, theirs))["voice_enabled"] is False
    too_many = await update(rig, *[UUID(int=n) for n in range(101)], voice_enabled=False)
    assert told(too_many) == [(RefusalCode.LIMIT_EXCEEDED, ("didIds",))]
    assert told(await update(rig, voice_enabled=False)) == [(RefusalCode.INVALID, ("didIds",))]
    await rig.check()


async def test_nobody_waits_for_many_pushes(rig: Rig) -> None:
    numbers = rig.free(11)
    owned = await rig.owned(*numbers)
    accepted = await update(_patient(rig), *owned, voice_enabled=False)
    assert len(accepted.operation_ids) == 11
    await rig.quiet()
    await rig.check()


# ── giving dids back ─────────────────────────────────────────────────────────────────────────────
async def test_a_released_did_stays_as_history(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    accepted = await rig.release_dids(did_id, reason=" closing the office ")
    assert (told(accepted), accepted.did_ids) == ([], (did_id,))
    did = await rig.did(number)
    assert (did["status"], did["release_reason"]) == ("RELEASING", "closing the office")
    assert told(await update(rig, did_id, voice_enabled=False)) == [
        (RefusalCode.WRONG_STATE, ("didIds", "0"))
    ]
    assert told(await rig.release_dids(did_id)) == [(RefusalCode.WRONG_STATE, ("didIds", "0"))]
    await rig.quiet()
    did = await rig.did(number)
    assert did["status"] == "DISCONNECTED"
    assert abs(did["billing_ends_at"] - did["released_at"]) < timedelta(seconds=1)
    trail = await rig.owner.fetch(
        "SELECT before, after, reason FROM ops.audit WHERE action = 'RELEASE' ORDER BY seq"
    )
    assert [row["after"]["status"] for row in trail] == ["RELEASING", "DISCONNECTED"]
    assert {row["reason"] for row in trail} == {"closing the office"}
    await rig.check()


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "a\x07b"])
async def test_a_reason_is_required(rig: Rig, reason: str) -> None:
    refused = await rig.release_dids(UUID(int=1), reason=reason)
    assert told(refused) == [(RefusalCode.INVALID, ("reason",))]


async def test_releases_of_unknown_dids(rig: Rig) -> None:
    assert told(await rig.release_dids(UUID(int=0))) == [(RefusalCode.NOT_FOUND, ("didIds", "0"))]


async def test_a_release_waits_for_the_push_under_way(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await rig.sandbox.fault("reset_after", path="*/metadata", times=1)
    await update(rig, did_id, voice_enabled=False)
    await rig.settle_due()
    accepted = await rig.release_dids(did_id)
    assert accepted.operation_ids == ()
    await rig.quiet(sweep=False)
    assert (await rig.did(number))["status"] == "DISCONNECTED"
    # The doubtful push was waited out: it cannot reach the number in new hands.
    assert rig.moved > rig.services.timings.client_deadline
    await rig.check()


async def test_a_release_while_a_push_is_being_carried_right_now(rig: Rig) -> None:
    (number,) = rig.free()
    (did_id,) = await rig.owned(number)
    await update(rig, did_id, voice_enabled=False)
    await rig.owner.execute(
        "UPDATE ops.operation SET lease_until = ops.now() + interval '9 s', state = 'RUNNING'"
        " WHERE kind = 'METADATA_PUSH'"
    )
    accepted = await rig.release_dids(did_id)
    assert accepted.operation_ids == ()
    await rig.quiet(sweep=False)
    assert (await rig.did(number))["status"] == "DISCONNECTED"
    assert rig.sent(number, "/metadata") == 0


async def test_a_number_that_is_gone_already_is_released(rig: Rig) -> None:
    """Released = no longer ours, whatever it became, 404 included (decisions 9)."""
    away, freed = rig.free(2)
    dids = await rig.owned(away, freed)
    rig.sandbox.world.moves.port_away(rig.sandbox.position(away), "6529")
    rig.sandbox.world.moves.release(rig.sandbox.position(freed))
    await rig.release_dids(*dids)
    await rig.quiet()
    assert {(await rig.did(n))["status"] for n in (away, freed)} == {"DISCONNECTED"}
    assert (rig.sent(away, "/release"), rig.sent(freed, "/release")) == (0, 0)
    await rig.check()
