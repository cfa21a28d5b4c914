"""Who is told of what by e-mail."""

import strawberry
from strawberry import ID, UNSET

from resolvers import procurement
from resolvers.context import Context
from resolvers.ids import Reading
from resolvers.notices import NoticesDone
from schema.arguments import given
from schema.customers import Customer
from schema.errors import UserError, user_error
from schema.port_enums import NoticeKind
from schema.procurement import KEY
from workflows import port_commands as commands


@strawberry.input(description="Whether and to whom one kind of notice goes.")
class NoticePreferenceInput:
    """A choice."""

    kind: NoticeKind = strawberry.field(description="What it is about.")
    enabled: bool = strawberry.field(default=True, description="It is sent at all.")
    recipients: list[str] | None = strawberry.field(
        default=UNSET,
        description="At most 10 e-mail addresses; without any, the customer's own address.",
    )

    def choice(self) -> commands.NoticePreference:
        """As the workflow takes it."""
        return commands.NoticePreference(
            kind=self.kind,
            enabled=self.enabled,
            recipients=tuple(given(self.recipients) or ()),
        )


@strawberry.input(description="Kinds of notices to switch on, off or to others; the rest stays.")
class UpdateNoticePreferencesInput:
    """What to change."""

    customer_id: ID | None = strawberry.field(
        default=UNSET,
        description="For whom. Staff have to say; others may leave it out, it is their own.",
    )
    preferences: list[NoticePreferenceInput] = strawberry.field(
        description="What shall hold for each of these kinds."
    )
    idempotency_key: str = strawberry.field(description=KEY)

    def command(self, ids: Reading, ctx: Context) -> commands.UpdateNoticePreferences:
        """As the workflow takes it."""
        return commands.UpdateNoticePreferences(
            customer_id=procurement.customer_for(ctx, ids, given(self.customer_id)),
            preferences=tuple(each.choice() for each in self.preferences),
            idempotency_key=self.idempotency_key,
        )


@strawberry.type(description="What `updateNoticePreferences` did.")
class UpdateNoticePreferencesPayload:
    """A customer with other preferences."""

    customer: Customer | None = strawberry.field(
        description="The customer; null when there is no such one among yours."
    )
    errors: list[UserError] = strawberry.field(description="What was refused, by path.")

    @classmethod
    def of(cls, done: NoticesDone, ids: Reading) -> "UpdateNoticePreferencesPayload":
        """Of what stands."""
        return cls(
            customer=None if done.customer is None else Customer.of(done.customer),
            errors=[user_error(refusal) for refusal in ids.mended(done.refusals)],
        )
