"""The port saga against every schedule that Hypothesis can think of, and mutants it must catch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.workflows.port_world import CALLS, FAULTS, World

SCHEDULES = 2_000
Plan = tuple[str, list[str]]

plans = st.tuples(st.sampled_from(sorted(CALLS)), st.lists(st.sampled_from(FAULTS), max_size=8))


def played(plan: Plan, **mutation: bool) -> list[str]:
    """Run a plan to its end; what is wrong then."""
    kind, faults = plan
    world = World(kind, iter(faults), **mutation)
    world.run()
    return world.broken()


def explore(check: Callable[[Plan], None], examples: int) -> None:
    settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )(given(plans)(check))()


def test_nothing_is_said_twice_and_nothing_is_lost() -> None:
    def check(plan: Plan) -> None:
        assert played(plan) == []

    explore(check, SCHEDULES)


@pytest.mark.parametrize("mutation", ["read_back", "marks", "quarantine"])
def test_the_model_catches_a_saga_without(mutation: str) -> None:
    def check(plan: Plan) -> None:
        assert played(plan, **{mutation: False}) == []

    with pytest.raises(AssertionError):
        explore(check, SCHEDULES)
