"""Every duration of the sagas in one value, scaled together (decisions 15).

The safety of the sagas rests on ratios, not on absolute lengths: the quarantine is twice the
client's deadline, the margin a part of the lease. Tests therefore shrink all of them by one
factor, and a schedule that is safe at 1/100 is safe at full length.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

# The carrier's hold and people's patience do not shrink with our own timings.
_FIXED = frozenset({"attempts", "hold_length", "hold_margin", "hold_patience", "patience"})


# A busy machine does not get faster: a lease must outlast its scheduling hiccups at any scale.
_LEAST = {"lease": 2.0, "lease_margin": 0.25, "heartbeat": 0.5, "sweep_every": 0.1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Durations in seconds (except ``attempts``); sources: research/reliability.md 2, 4.1, 4.2."""

    lease: float = 30.0  # renewed by every mark; a dead worker's operation is free after it
    lease_margin: float = 5.0  # no send is begun with less of the lease left than this
    client_deadline: float = 35.0  # 30 s timeout + slack: after it our request is off the wire
    read_back_delay: float = 2.0  # a GET sooner than this may overtake the write it asks about
    quarantine: float = 70.0  # 2 x 35 s: no request of ours is still on its way after it
    backoff_base: float = 1.0
    backoff_cap: float = 300.0
    pause: float = 60.0  # token refused (401/403): the whole token waits, nothing fails
    attempts: int = 8
    hold_length: float = 900.0  # the carrier's hold
    hold_margin: float = 60.0  # decisions 6: our deadline is a minute before the carrier's
    hold_patience: float = 900.0  # how long a hold may wait for the budget before it is refused
    patience: float = 3600.0  # releases and metadata pushes: then staff look at it
    stray_watch: float = 900.0  # how long after its end an operation in doubt is still watched
    send_wait: float = 2.0  # how long a send may queue for a slot before it lets go of its lease
    bulk_send_wait: float = 10.0
    sweep_every: float = 5.0
    heartbeat: float = 5.0
    stranded_after: float = 15.0  # an operation this overdue has no job looking at it
    retry_pause: float = 1.0  # between restarts of the queue's run loop
    # How often a port is looked at: while it validates, for its first minute, until ten minutes,
    # after that (1.6); at the carrier (decisions 26); when the inventory lags behind the order.
    poll_first: float = 5.0
    poll_first_until: float = 60.0
    poll_later: float = 15.0
    poll_later_until: float = 600.0
    poll_slow: float = 30.0
    poll_at_carrier: float = 900.0
    poll_soon: float = 60.0

    def scaled(self, factor: float) -> Timings:
        """Our own durations times ``factor``; the carrier's hold, patience and counts stay."""
        lengths = {f.name: getattr(self, f.name) * factor for f in fields(self)}
        for name, length in lengths.items():
            if name in _FIXED:
                lengths[name] = getattr(self, name)
            elif factor < 1:
                lengths[name] = max(length, _LEAST.get(name, 0.0))
        return replace(self, **lengths)

    def backoff(self, attempt: int, jitter: float) -> float:
        """Full jitter: ``min(300, 2^attempt) * jitter`` seconds, ``jitter`` in 0..1."""
        return min(self.backoff_cap, self.backoff_base * float(2 ** min(attempt, 30))) * jitter
