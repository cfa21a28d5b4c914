"""What customers are told by e-mail; each kind can be switched off (decisions 29)."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """The occasion of a notice."""

    NUMBERS_PURCHASED = "NUMBERS_PURCHASED"
    """The plan's Workflow 1, step 11."""
    PORT_VALIDATED = "PORT_VALIDATED"
    PORT_REJECTED = "PORT_REJECTED"
    PORT_FOC_SET = "PORT_FOC_SET"
    PORT_FOC_NEAR = "PORT_FOC_NEAR"
    PORT_COMPLETE = "PORT_COMPLETE"
    """Also when only some were activated: "98 of 100 numbers active"."""
    PORT_CANCELLED = "PORT_CANCELLED"
