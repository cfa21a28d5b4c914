"""One idempotency key, and inputs that differ in nothing but a secret."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from cryptography.fernet import Fernet

from db.vault import Vault
from numbering.refusals import RefusalCode
from tests.workflows.port_rig import PortRig
from tests.workflows.rig import ALICE
from workflows import accepting, porting
from workflows.accepted import Accepted
from workflows.port_commands import NumberChange, UpdatePortNumbers


def edit(project_id: UUID, number_id: UUID, pin: str) -> UpdatePortNumbers:
    """A new PIN, always under the same key."""
    change = NumberChange(port_number_id=number_id, changes={"pin": pin})
    return UpdatePortNumbers(project_id=project_id, changes=(change,), idempotency_key="pin")


async def asked(ports: PortRig, command: UpdatePortNumbers) -> Accepted:
    return await porting.change_numbers(ports.rig.services, ALICE, command)


async def test_a_key_knows_its_pin_and_does_not_show_it(ports: PortRig) -> None:
    project_id = await ports.project(1)
    (row,) = await ports.numbers(project_id)
    command = edit(project_id, row["id"], "7310")
    first = await asked(ports, command)
    assert first.refusals == ()
    assert await asked(ports, command) == first
    (refusal,) = (await asked(ports, edit(project_id, row["id"], "7311"))).refusals
    assert refusal.code is RefusalCode.IDEMPOTENCY_KEY_REUSED
    kept = await ports.rig.owner.fetchval(
        "SELECT request_hash FROM ops.idempotency WHERE key = 'pin'"
    )
    plain = accepting.fingerprints(command, None)[-1]
    assert kept != plain, "who reads the table could try all ten thousand PINs"


async def test_a_key_outlives_a_new_secrets_key_and_an_older_release() -> None:
    command = edit(UUID(int=1), UUID(int=2), "7310")
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    (kept, plain) = accepting.fingerprints(command, Vault([old]))
    rotated = accepting.fingerprints(command, Vault([new, old]))
    assert rotated[0] != kept
    assert kept in rotated
    assert plain == accepting.fingerprints(command, None)[0] == rotated[-1]
    assert kept not in accepting.fingerprints(replace(command, revalidate=False), Vault([old]))
