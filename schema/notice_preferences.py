"""Whether and to whom a kind of notice goes."""

import strawberry

from resolvers import notices
from schema.port_enums import NoticeKind


@strawberry.type(description="Whether and to whom one kind of notice goes.")
class NoticePreference:
    """A choice, or what holds without one."""

    kind: NoticeKind = strawberry.field(description="What it is about.")
    enabled: bool = strawberry.field(description="It is sent at all; it is, unless switched off.")
    recipients: list[str] = strawberry.field(
        description="E-mail addresses; when empty, it goes to the customer's own address."
    )

    @classmethod
    def of(cls, chosen: notices.Preference) -> "NoticePreference":
        """Of a choice."""
        return cls(kind=chosen.kind, enabled=chosen.enabled, recipients=list(chosen.recipients))
