"""Magic endings: a number to port that ends so goes wrong in one known way, in any area code.

For portal developers and tests: a file with three of these shows three sorts of trouble.
"""

from dataclasses import dataclass

RIGHT_PIN = "4321"
RIGHT_ACCOUNT = "ACCT-9105"
RIGHT_CARRIER = ("Lumen", "8824")

BTN_MISMATCH = "9101"
INACTIVE = "9102"
WRONG_CARRIER = "9103"
PIN = "9104"
ACCOUNT_MISMATCH = "9105"
NOT_PORTABLE = "9106"
PENDING_ORDER = "9107"
FAILS_ONCE = "9108"
REJECTED_ONCE = "9109"
REJECTED_ALWAYS = "9110"
SLOW = "9111"
JOB_FAILS = "9112"
FAILS_ALWAYS = "9113"
FROZEN = "9114"
BAD_DATE = "9115"


@dataclass(frozen=True, slots=True)
class Ending:
    """The last four digits, when it goes wrong, how, and what mends it."""

    digits: str
    when: str
    says: str
    mend: str


ENDINGS = (
    Ending(BTN_MISMATCH, "validation", "the BTN is another one", "the BTN NPA-NXX-9100 of its own"),
    Ending(INACTIVE, "validation", "the number is not in service", "remove it"),
    Ending(WRONG_CARRIER, "validation", "another carrier has it", "lsp_name Lumen, lsp_spid 8824"),
    Ending(PIN, "validation", "a PIN is required, or the PIN is wrong", f"the PIN {RIGHT_PIN}"),
    Ending(ACCOUNT_MISMATCH, "validation", "the account number is wrong", RIGHT_ACCOUNT),
    Ending(NOT_PORTABLE, "validation", "the number cannot be ported", "remove it"),
    Ending(PENDING_ORDER, "validation", "another order is pending, once", "validate it again"),
    Ending(FAILS_ONCE, "activation", "fails on the FOC day: a partial port", "activate it again"),
    Ending(REJECTED_ONCE, "order", "the first LSR is rejected, 8A", "submit again"),
    Ending(REJECTED_ALWAYS, "order", "every LSR is rejected, 6P", "remove it"),
    Ending(SLOW, "validation", "takes a minute of the port life by itself", "wait"),
    Ending(JOB_FAILS, "validation", "the validation breaks down at it, once", "validate again"),
    Ending(FAILS_ALWAYS, "activation", "fails however often it is tried", "nothing"),
    Ending(FROZEN, "validation", "the number is frozen by its user", "remove it"),
    Ending(BAD_DATE, "order", "the first LSR is rejected, 1N: the date", "submit another date"),
)
