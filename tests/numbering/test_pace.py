"""What client and budget say to each other."""

import pytest

from numbering.lanes import Lane
from numbering.pace import BreakerOpen, BudgetExhausted, PaceRefusal, Verdict


@pytest.mark.parametrize("kind", PaceRefusal.__subclasses__())
def test_every_refusal_to_call_says_how_long(kind: type[PaceRefusal]) -> None:
    refusal = kind("not now", retry_after=1.5)
    assert (str(refusal), refusal.retry_after) == ("not now", 1.5)


def test_the_two_reasons_are_told_apart() -> None:
    assert not issubclass(BreakerOpen, BudgetExhausted)
    assert not issubclass(BudgetExhausted, BreakerOpen)


@pytest.mark.parametrize("enum", [Lane, Verdict])
def test_values_are_names(enum: type[Lane] | type[Verdict]) -> None:
    assert [member.value for member in enum] == [member.name for member in enum]
