"""What numbers can carry, by rule."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbering.area_codes import STATES
from numbering.criteria import NumberFeature
from numbering.features import features_of, offers
from numbering.telephone import NumberType

ALL = set(NumberFeature)
states = st.none() | st.sampled_from(sorted(STATES)) | st.text(max_size=3)


@pytest.mark.parametrize(
    ("number_type", "state", "missing"),
    [
        (NumberType.LOCAL, "CO", ""),
        (NumberType.LOCAL, "DC", ""),
        (NumberType.LOCAL, "AK", "MMS"),
        (NumberType.LOCAL, "HI", "MMS"),
        (NumberType.LOCAL, "PR", "SMS MMS"),
        (NumberType.LOCAL, "GU", "SMS MMS"),
        (NumberType.LOCAL, None, "SMS MMS FAX"),
        (NumberType.LOCAL, "ON", "SMS MMS FAX"),
        (NumberType.TOLL_FREE, None, ""),
    ],
)
def test_the_rule_table(number_type: NumberType, state: str | None, missing: str) -> None:
    assert features_of(number_type, state) == ALL - {NumberFeature(f) for f in missing.split()}


@given(st.sampled_from(NumberType), states)
def test_voice_works_everywhere_and_pictures_only_where_text_does(
    number_type: NumberType, state: str | None
) -> None:
    features = features_of(number_type, state)
    assert NumberFeature.VOICE in features
    assert NumberFeature.MMS not in features or NumberFeature.SMS in features


@given(st.sampled_from(NumberType), states, st.sets(st.sampled_from(NumberFeature)))
def test_offers(number_type: NumberType, state: str | None, wanted: set[NumberFeature]) -> None:
    assert offers(number_type, state, wanted) == (wanted <= features_of(number_type, state))
