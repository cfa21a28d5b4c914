"""Single telephone numbers in questions."""

from numbering.telephone import InvalidNumber, TelephoneNumber
from resolvers.rejections import bad_input


def number_asked(text: str, argument: str) -> TelephoneNumber:
    """A number in any notation; BAD_USER_INPUT with numbering's own words if it is none."""
    try:
        return TelephoneNumber.parse(text)
    except InvalidNumber as fault:
        raise bad_input(argument, fault.message) from None
