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
    Ending(BTN_MISMATCH, "validation", "the BTN is another one", "the BTN NPA-NXX-9100"),
    Ending(INACTIVE, "validation", "the number is not in service", "nothing"),
    Ending(WRONG_CARRIER, "validation", "another carrier has it", "carrier Lumen, SPID 8824"),
    Ending(PIN, "validation", "a PIN is required, or it is wrong", f"the PIN {RIGHT_PIN}"),
    Ending(ACCOUNT_MISMATCH, "validation", "the account is wrong", f"account {RIGHT_ACCOUNT}"),
    Ending(NOT_PORTABLE, "validation", "the number cannot be ported", "nothing"),
    Ending(PENDING_ORDER, "validation", "another order is pending", "validating it again"),
    Ending(FAILS_ONCE, "activation", "fails on the FOC day: a partial port", "activating it again"),
    Ending(REJECTED_ONCE, "order", "rejected with 8A, the account number", "submitting again"),
    Ending(REJECTED_ALWAYS, "order", "rejected with 6P, a port freeze", "nothing"),
    Ending(SLOW, "validation", "takes a minute by itself", "patience"),
    Ending(JOB_FAILS, "validation", "the validation breaks down at it", "validating again"),
    Ending(FAILS_ALWAYS, "activation", "fails however often it is tried", "nothing"),
    Ending(FROZEN, "validation", "its user has frozen the number", "nothing"),
    Ending(BAD_DATE, "order", "rejected with 1N, the due date", "submitting again"),
)
