"""The saga against every schedule that Hypothesis can think of, and the mutants it must catch."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.workflows.saga_world import FAULTS, World

SCHEDULES = 3_000
Plan = tuple[str, list[tuple[int, float]], list[str], bool]

plans = st.tuples(
    st.sampled_from(("fresh", "held", "owned")),
    st.lists(
        st.tuples(st.integers(0, 13), st.sampled_from((0.0, 3.0, 40.0, 80.0, 900.0))),
        min_size=1,
        max_size=6,
    ),
    st.lists(st.sampled_from(FAULTS), max_size=8),
    st.booleans(),
)


def played(plan: Plan, **mutation: bool) -> list[str]:
    """Run a plan to its end; what is wrong then."""
    story, actions, faults, strict = plan
    world = World(faults, strict=strict, **mutation)
    world.start(story)
    for choice, pause in actions:
        if choices := world.choices():
            world.request(*choices[choice % len(choices)])
        world.pass_time(world.now + pause)
    world.quiesce()
    return world.faults_found()


def explore(check: Callable[[Plan], None], examples: int) -> None:
    settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )(given(plans)(check))()


def test_no_schedule_breaks_an_invariant() -> None:
    def check(plan: Plan) -> None:
        assert played(plan) == []

    explore(check, SCHEDULES)


@pytest.mark.parametrize("mutation", ["sweeper", "read_back", "marks", "quarantine"])
def test_the_model_catches_a_saga_without(mutation: str) -> None:
    def check(plan: Plan) -> None:
        assert played(plan, **{mutation: False}) == []

    with pytest.raises(AssertionError):
        explore(check, SCHEDULES)
