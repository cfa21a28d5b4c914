"""The saga of what is told to the carrier about one port: ``step(state, event)``, no I/O, no clock.

The carrier has no key against twins, so nothing is said twice without a look (reliability.md S10):

* a durable mark goes before every write; a write without an answer leaves the mark: *doubt*;
* in doubt the carrier is asked, never sooner than the read-back delay: the mark in the list of
  projects, another LSR, another validation job, the status, the rows;
* a look without an effect proves nothing while the request may still be on its way: so the write is
  sent again only after the quarantine and another look. One request is on its way at most, and one
  that is seen applied cannot arrive any more;
* 429, breaker and budget cost a wait and no attempt; a refused token pauses, it fails nothing;
* what cannot be decided goes to staff and keeps its lock on the project.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from workflows.port_saga_terms import (
    Absent,
    Applied,
    Declined,
    Keep,
    Kept,
    Lost,
    PortCall,
    PortEffect,
    PortState,
    Refused,
    Succeed,
    Tell,
)
from workflows.saga_terms import (
    Attend,
    Barred,
    Began,
    Doubtful,
    Event,
    Look,
    Mark,
    Marked,
    Page,
    Unseen,
    Unsent,
    Wait,
)
from workflows.timings import Timings

Step = tuple[PortState, tuple[PortEffect, ...]]

# Somebody asked for these and can be told no; the others are our own translation of their rows.
_REFUSABLE = frozenset({PortCall.SUBMIT, PortCall.CANCEL, PortCall.ACTIVATE})


def step(state: PortState, event: Event, timings: Timings) -> Step:
    """What to do next. Pure: the same state and event always give the same answer."""
    return _RULES[type(event)](state, event, timings)


def _began(state: PortState, event: Event, timings: Timings) -> Step:
    if state.doubt_at is not None:
        wait = _left(state.doubt_at, timings.read_back_delay, event.now)
        return state, ((Wait(wait, doubtful=True),) if wait > 0 else (Look(),))
    return _next(state, event, timings)


def _next(state: PortState, event: Event, timings: Timings) -> Step:
    if not state.calls:
        return state, (Succeed(),)
    overdue = state.deadline is not None and event.now >= state.deadline
    if overdue or state.attempt >= timings.attempts:
        return state, (Attend(f"The carrier could not be told: {state.calls[0]}"),)
    return state, (Mark(),)


def _marked(state: PortState, event: Event, _timings: Timings) -> Step:
    state = replace(state, prior=state.doubt_at, doubt_at=event.now, refused=None)
    return state, (Tell(state.calls[0]),)


def _applied(state: PortState, event: Applied, _timings: Timings) -> Step:
    call, *rest = state.calls
    state = replace(state, calls=tuple(rest), doubt_at=None, prior=None, refused=None)
    if rest:
        return state, (Keep(call, event.sight),)
    return state, (Succeed(call, event.sight),)


def _declined(state: PortState, event: Declined, _timings: Timings) -> Step:
    call, attempt = state.calls[0], state.attempt + 1
    state = replace(state, doubt_at=state.prior, attempt=attempt, refused=event.status)
    if state.doubt_at is not None or call is PortCall.CANCEL:
        # It may be refused because an earlier one was let through, or the thing is done anyway.
        return state, (Look(),)
    return state, (_no(call, event.status),)


def _no(call: PortCall, status: int) -> Refused | Attend:
    if call in _REFUSABLE and status != 404:
        return Refused(status)
    return Attend(f"The carrier refuses this: {call}, {status}")


def _absent(state: PortState, event: Event, timings: Timings) -> Step:
    if state.refused is not None:
        return state, (_no(state.calls[0], state.refused),)
    on_its_way = _left(state.doubt_at, timings.quarantine, event.now)
    if on_its_way > 0:
        return state, (Wait(on_its_way, doubtful=True),)
    return _next(state, event, timings)


def _unsent(state: PortState, event: Unsent, timings: Timings) -> Step:
    delay = max(event.retry_after, timings.backoff(state.attempt, event.jitter))
    state = replace(state, doubt_at=state.prior, attempt=state.attempt + event.counted)
    return state, (Wait(delay, doubtful=state.doubt_at is not None),)


def _doubtful(state: PortState, event: Event, timings: Timings) -> Step:
    delay = max(timings.read_back_delay, timings.backoff(state.attempt, event.jitter))
    # From now on, not from the mark: the request may have queued for a slot in between.
    state = replace(state, attempt=state.attempt + 1, doubt_at=event.now)
    return state, (Wait(delay, doubtful=True),)


def _barred(state: PortState, event: Barred, timings: Timings) -> Step:
    if event.sending:
        state = replace(state, doubt_at=state.prior)
    return state, (Page(), Wait(timings.pause, doubtful=state.doubt_at is not None))


def _unseen(state: PortState, event: Unseen, timings: Timings) -> Step:
    delay = max(event.retry_after, timings.backoff(state.attempt, event.jitter))
    state = replace(state, attempt=state.attempt + event.counted)
    overdue = (
        state.deadline is not None and _left(state.deadline, timings.quarantine, event.now) <= 0
    )
    if overdue or state.attempt >= timings.attempts:
        return state, (Attend(f"The carrier does not say what became of this: {state.calls[0]}"),)
    return state, (Wait(delay, doubtful=state.doubt_at is not None),)


def _lost(state: PortState, _event: Event, _timings: Timings) -> Step:
    return state, (Attend("The carrier does not have this project"),)


def _left(since: datetime | None, seconds: float, now: datetime) -> float:
    """Seconds until ``since + seconds``; 0 when there is no such moment."""
    return 0.0 if since is None else seconds - (now - since).total_seconds()


_RULES: Mapping[type[Event], Callable[[PortState, Any, Timings], Step]] = {
    Began: _began,
    Marked: _marked,
    Applied: _applied,
    Kept: _next,
    Declined: _declined,
    Absent: _absent,
    Unsent: _unsent,
    Doubtful: _doubtful,
    Barred: _barred,
    Unseen: _unseen,
    Lost: _lost,
}
