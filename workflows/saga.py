"""The saga of one number: ``step(state, event) -> (state', effects)``, without I/O or clock.

The rules (research/reliability.md 4.1; ADR 0010):

* a durable mark goes before every write; a write without an answer leaves the mark: *doubt*;
* in doubt nothing is sent again before a GET, and never sooner than the read-back delay;
* a release is not sent again before the earlier one can no longer arrive;
* a GET that shows no effect proves nothing for good: a delayed request may still arrive. So an
  operation that was ever in doubt fails, and a release or push ends, only after a quarantine;
* 429, breaker and budget cost a wait and no attempt; a refused token pauses, it fails nothing;
* what cannot be decided goes to staff and keeps its lock on the number.

    start -> [look] -> mark -> send -> succeed
                ^                |
                +---- doubt -----+-- not applied: wait, again
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from numbering.lifecycle import CarrierStatus, OperationKind
from workflows.saga_readings import Reading, reading, why_gone
from workflows.saga_terms import (
    Answered,
    Attend,
    Barred,
    Began,
    Conflicted,
    Declined,
    Doubtful,
    Effect,
    Event,
    Fail,
    Failure,
    Look,
    Mark,
    Marked,
    Page,
    Seen,
    Send,
    Sight,
    State,
    Succeed,
    Unseen,
    Unsent,
    Wait,
)
from workflows.timings import Timings

Step = tuple[State, tuple[Effect, ...]]

# These two undo or overwrite: one that arrives late must not find the number in new hands, so
# they keep the lock until nothing of theirs is on its way any more.
_LINGERING = frozenset({OperationKind.NUMBER_RELEASE, OperationKind.METADATA_PUSH})
# A refusal of these may mean many things; the record says which.
_LOOKS_AFTER_REFUSAL = frozenset(OperationKind) - {OperationKind.NUMBER_HOLD}


def step(state: State, event: Event, timings: Timings) -> Step:
    """What to do next. Pure: the same state and event always give the same answer."""
    return _RULES[type(event)](state, event, timings)


def _began(state: State, event: Event, timings: Timings) -> Step:
    if state.facts.unwanted and state.doubt_at is None:
        return _withdrawn(state)
    if state.doubt_at is not None:
        return _look(state, event.now, timings)
    if state.facts.kind is OperationKind.NUMBER_RELEASE:
        # The call names no holder: whose number it would free, only the record says.
        return state, (Look(),)
    return _send(state, event, timings)


def _withdrawn(state: State) -> Step:
    """Nothing was sent, nothing is wanted any more."""
    if state.facts.kind is OperationKind.NUMBER_HOLD:
        return state, (Fail(Failure.WITHDRAWN),)
    return state, (Succeed(),)


def _look(state: State, now: datetime, timings: Timings) -> Step:
    wait = _left(state.doubt_at, timings.read_back_delay, now)
    return state, ((Wait(wait, doubtful=True),) if wait > 0 else (Look(),))


def _send(state: State, event: Event, timings: Timings) -> Step:
    facts = state.facts
    if facts.send_before is not None and event.now >= facts.send_before:
        return _too_late(state, event.now, timings)
    if _spent(state, event.now, timings):
        return _close(state, event.now, Failure.OUT_OF_PATIENCE, timings)
    return state, (Mark(),)


def _too_late(state: State, now: datetime, timings: Timings) -> Step:
    """The hold may have ended by the time a write arrives."""
    kind = state.facts.kind
    if kind is OperationKind.NUMBER_RELEASE and not _spent(state, now, timings):
        # It runs out by itself, and a late call would free the number from whoever has it next.
        return state, (Wait(timings.hold_margin, doubtful=state.doubt_at is not None),)
    lost = kind is OperationKind.NUMBER_ASSIGN
    return _close(state, now, Failure.HOLD_LOST if lost else Failure.OUT_OF_PATIENCE, timings)


def _spent(state: State, now: datetime, timings: Timings) -> bool:
    deadline = state.facts.deadline
    return state.attempt >= timings.attempts or (deadline is not None and now >= deadline)


def _close(state: State, now: datetime, failure: Failure, timings: Timings) -> Step:
    """Nothing more will be sent; wait until nothing more can arrive."""
    wait = _left(state.doubt_at, timings.quarantine, now)
    if wait > 0:
        return state, (Wait(wait, doubtful=True),)
    if state.facts.kind in _LINGERING:
        return state, (Attend(f"{state.facts.call} could not be carried out: {failure}"),)
    return state, (Fail(failure),)


def _marked(state: State, event: Event, _timings: Timings) -> Step:
    state = replace(state, prior=state.doubt_at, doubt_at=event.now, declined=False)
    return state, (Send(state.facts.call),)


def _answered(state: State, event: Answered, timings: Timings) -> Step:
    if reading(state.facts, event.sight) is not Reading.DONE:
        return _doubtful(state, event, timings)  # 2xx, but not what was asked for
    if state.facts.kind not in _LINGERING:
        # An earlier write of ours that still arrives says the same thing again: `stray_watch`.
        return replace(state, doubt_at=state.prior), (Succeed(event.sight),)
    return _linger(replace(state, doubt_at=state.prior), event.now, event.sight, timings)


def _linger(state: State, now: datetime, sight: Sight | None, timings: Timings) -> Step:
    wait = _left(state.doubt_at, timings.quarantine, now)
    return state, ((Wait(wait, doubtful=True),) if wait > 0 else (Succeed(sight),))


def _declined(state: State, _event: Event, _timings: Timings) -> Step:
    attempt = state.attempt + 1
    state = replace(state, doubt_at=state.prior, attempt=attempt, declined=True)
    if state.doubt_at is not None or state.facts.kind in _LOOKS_AFTER_REFUSAL:
        return state, (Look(),)
    return state, (Fail(Failure.UNAVAILABLE),)


def _unsent(state: State, event: Unsent, timings: Timings) -> Step:
    delay = max(event.retry_after, timings.backoff(state.attempt, event.jitter))
    attempt = state.attempt + event.counted
    state = replace(state, doubt_at=state.prior, attempt=attempt)
    return _again(state, event.now, delay)


def _again(state: State, now: datetime, delay: float) -> Step:
    """Try again after ``delay``, but not later than the moment to give up: the user waits."""
    until_end = _left(state.facts.send_before, 0.0, now)
    if until_end > 0:
        delay = min(delay, until_end)
    return state, (Wait(delay, doubtful=state.doubt_at is not None),)


def _doubtful(state: State, event: Event, timings: Timings) -> Step:
    delay = max(timings.read_back_delay, timings.backoff(state.attempt, event.jitter))
    # From now on, not from the mark: the request may have queued for a slot in between.
    state = replace(state, attempt=state.attempt + 1, doubt_at=event.now)
    return state, (Wait(delay, doubtful=True),)


def _barred(state: State, event: Barred, timings: Timings) -> Step:
    if event.sending:
        state = replace(state, doubt_at=state.prior)
    return state, (Page(), Wait(timings.pause, doubtful=state.doubt_at is not None))


def _seen(state: State, event: Seen, timings: Timings) -> Step:
    facts = state.facts
    if event.sight is not None and event.sight.status is CarrierStatus.UNKNOWN:
        # A status that we cannot read proves nothing, least of all that a number is not ours.
        return _unseen(state, Unseen(event.now, event.jitter), timings)
    push = facts.kind is OperationKind.METADATA_PUSH
    found = reading(facts, event.sight)
    if found is Reading.DONE or (push and facts.unwanted):
        return _arrived(state, event, timings)
    if facts.unwanted:
        return _close(state, event.now, Failure.WITHDRAWN, timings)
    if found is Reading.OPEN:
        return _open(state, event, timings)
    if push:
        return state, (Attend("The carrier does not have this number as ours"),)
    return _close(state, event.now, why_gone(facts, event.sight), timings)


def _open(state: State, event: Seen, timings: Timings) -> Step:
    on_its_way = _left(state.doubt_at, timings.client_deadline, event.now)
    if state.facts.kind is OperationKind.NUMBER_RELEASE and on_its_way > 0:
        # Never two releases under way: the second would free the number, and the first, arriving
        # late, would then free it from whoever outside our platform has taken it meanwhile.
        return state, (Wait(on_its_way, doubtful=True),)
    if not state.declined:
        return _send(state, event, timings)
    # Refused although the record allows it: not at once again.
    delay = timings.backoff(state.attempt, event.jitter)
    return _again(replace(state, declined=False), event.now, delay)


def _arrived(state: State, event: Seen, timings: Timings) -> Step:
    if state.facts.kind in _LINGERING:
        return _linger(state, event.now, event.sight, timings)
    return state, (Succeed(event.sight),)


def _unseen(state: State, event: Unseen, timings: Timings) -> Step:
    delay = max(event.retry_after, timings.backoff(state.attempt, event.jitter))
    state = replace(state, attempt=state.attempt + event.counted)
    deadline = state.facts.deadline
    overdue = deadline is not None and _left(deadline, timings.quarantine, event.now) <= 0
    if overdue or state.attempt >= timings.attempts:
        return state, (Attend("The carrier does not say what became of this number"),)
    return state, (Wait(delay, doubtful=state.doubt_at is not None),)


def _conflicted(state: State, event: Event, _timings: Timings) -> Step:
    # It did take effect: whoever carries it again has to look, or would call the number lost.
    state = replace(state, doubt_at=state.doubt_at or event.now)
    return state, (Attend("Assigned to us, while another customer's live did has the number"),)


def _left(since: datetime | None, seconds: float, now: datetime) -> float:
    """Seconds until ``since + seconds``; 0 when there is no such moment."""
    return 0.0 if since is None else seconds - (now - since).total_seconds()


_RULES: Mapping[type[Event], Callable[[State, Any, Timings], Step]] = {
    Began: _began,
    Marked: _marked,
    Answered: _answered,
    Declined: _declined,
    Unsent: _unsent,
    Doubtful: _doubtful,
    Barred: _barred,
    Seen: _seen,
    Unseen: _unseen,
    Conflicted: _conflicted,
}
