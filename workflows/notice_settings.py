"""What a customer wants to be told by e-mail, and who is to get it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.ext.asyncio import AsyncSession

from db import customers, notices
from numbering.actors import Actor
from numbering.lifecycle import AuditAction
from numbering.refusals import Invalid, LimitExceeded, NotFound, Refusal
from workflows import accepting, recording
from workflows.accepted import Accepted
from workflows.port_commands import NoticePreference, UpdateNoticePreferences

if TYPE_CHECKING:
    from workflows.wiring import Services

MOST_RECIPIENTS = 10
LONGEST_ADDRESS = 254
# Deliberately plain: an address that a mail server takes, in one line, without display name. Not
# all that is lawful: =?utf-8?q?…?= is lawful too, and programs decode it into another address.
_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[A-Za-z0-9_+&'/-]+(?:\.[A-Za-z0-9_+&'/-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


async def set_notice_preferences(
    services: Services, actor: Actor, command: UpdateNoticePreferences
) -> Accepted:
    """Set the named kinds for a customer; all of them or none."""

    async def work(session: AsyncSession) -> Accepted:
        chosen = _checked(command.preferences)
        customer_id = command.customer_id
        if customer_id not in await customers.by_ids(session, [customer_id]):
            raise NotFound("customer", path=("customerId",))
        before = (await notices.preferences_of(session, [customer_id])).get(customer_id, ())
        named = [(each.kind, each.enabled, list(each.recipients)) for each in chosen]
        await notices.set_preferences(session, customer_id, named)
        kinds = {each.kind for each in chosen}
        await recording.note(
            session,
            actor,
            AuditAction.NOTICES,
            customer_id=customer_id,
            before={
                row.kind.value: _shown(row.enabled, row.recipients)
                for row in before
                if row.kind in kinds
            },
            after={kind.value: _shown(enabled, recipients) for kind, enabled, recipients in named},
        )
        return Accepted()

    return await accepting.once(
        services,
        actor,
        "updateNoticePreferences",
        command,
        work,
        customer_id=command.customer_id,
    )


def _shown(enabled: bool, recipients: Sequence[str]) -> dict[str, object]:  # noqa: FBT001
    return {"enabled": enabled, "recipients": list(recipients)}


def _checked(given: Sequence[NoticePreference]) -> Sequence[NoticePreference]:
    if not given:
        raise Invalid("Name at least one kind of notice.", path=("preferences",))
    refusals: list[Refusal] = []
    kinds = set()
    for index, preference in enumerate(given):
        path = ("preferences", str(index))
        if preference.kind in kinds:
            refusals.append(Invalid("The kind is named twice.", path=(*path, "kind")))
        kinds.add(preference.kind)
        refusals += [refusal.at(*path) for refusal in _bad_recipients(preference.recipients)]
    if refusals:
        raise accepting.Several(refusals)
    return given


def _bad_recipients(recipients: Sequence[str]) -> list[Refusal]:
    if len(recipients) > MOST_RECIPIENTS:
        return [LimitExceeded(MOST_RECIPIENTS, "recipients", path=("recipients",))]
    return [
        Invalid("This is no e-mail address.", path=("recipients", str(index)))
        for index, address in enumerate(recipients)
        if len(address) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(address)
    ]
