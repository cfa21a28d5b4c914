"""Who may ask what: decisions 20, enforced before anything is fetched.

Rights are asked for here; rows are filtered in the database (row-level security by scope), so
another customer's object is simply not there, by the same statements as an unknown one.
"""

from numbering.actors import Actor, Permission, Scope
from resolvers.context import Context
from resolvers.rejections import Rejection, RejectionCode, on_top


def require(ctx: Context, permission: Permission) -> Actor:
    """The one who asks, if a role of theirs allows it; else FORBIDDEN."""
    if not ctx.actor.may(permission):
        raise Rejection(
            RejectionCode.FORBIDDEN,
            "This is for WARP staff only."
            if permission is Permission.STAFF
            else f"Your role does not include {permission}. Ask an administrator of your account.",
        )
    return ctx.actor


def readable(ctx: Context, permission: Permission = Permission.DIDS_READ) -> Scope:
    """Whose rows they may read: everybody's for staff, else their active customer's.

    Raises FORBIDDEN, and BAD_USER_INPUT for somebody with several customers who named none.
    """
    with on_top("x-customer-id"):
        return require(ctx, permission).scope


def sees_prices(ctx: Context) -> bool:
    """Whether amounts are shown; they are null for everybody else (ADR 0030)."""
    return ctx.actor.may(Permission.PRICES_READ)


def sees_raw(ctx: Context) -> bool:
    """Whether the carrier's own words (metadata, query text) are shown: to staff (decisions 11)."""
    return ctx.actor.may(Permission.STAFF)
