"""What a number can carry, by rule: the carrier knows no features (decisions 5).

Voice works on every number. The rest is what carriers of each kind of number offer as a rule; a
number whose place is not known is promised voice alone. Capable is not ready: that is
`numbering.readiness`.
"""

from collections.abc import Iterable, Mapping

from numbering.area_codes import STATES
from numbering.criteria import NumberFeature
from numbering.telephone import NumberType

_VOICE = frozenset({NumberFeature.VOICE})
_FAX = _VOICE | {NumberFeature.FAX}
_ALL = frozenset(NumberFeature)

_TERRITORIES = frozenset({"AS", "GU", "MP", "PR", "VI"})

_LOCAL: Mapping[str, frozenset[NumberFeature]] = {
    **dict.fromkeys(STATES, _ALL),
    # Messaging over landline numbers is not offered in the territories.
    **dict.fromkeys(_TERRITORIES, _FAX),
    # Text reaches Alaska and Hawaii; pictures are not carried reliably, so they are not promised.
    **dict.fromkeys(("AK", "HI"), _ALL - {NumberFeature.MMS}),
}


def features_of(number_type: NumberType, state: str | None) -> frozenset[NumberFeature]:
    """The features of a number of this type in this state (two capital letters, or unknown)."""
    if number_type is NumberType.TOLL_FREE:
        return _ALL
    return _LOCAL.get(state or "", _VOICE)


def offers(number_type: NumberType, state: str | None, wanted: Iterable[NumberFeature]) -> bool:
    """Whether such a number has every wanted feature; True when none is wanted."""
    return features_of(number_type, state).issuperset(wanted)
