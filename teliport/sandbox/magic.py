"""Magic numbers: 307-555-2001 and on always go wrong in one known way, without any switch set.

For portal developers, who want to see a lost race or an outage on the screen without a terminal
beside it. They are AVAILABLE at every seed, in an area code that has no other numbers.
"""

from dataclasses import dataclass, field

from teliport.sandbox.faults import Action, Fault, Match, Options


@dataclass(frozen=True, slots=True)
class Magic:
    """A number, the call of it that goes wrong, and how. `times` counts from start or reset."""

    tn: str
    call: str
    action: Action
    says: str
    options: Options = field(default_factory=Options)
    times: int | None = None


MAGIC = (
    Magic("3075552001", "reserve", Action.STEAL, "somebody else is faster: 409"),
    Magic(
        "3075552002",
        "reserve",
        Action.EXPIRE_HOLD,
        "the hold has ended by the time you look",
        Options(when="after"),
    ),
    Magic("3075552003", "reserve", Action.RESET_AFTER, "the hold succeeds, its answer is lost"),
    Magic("3075552004", "assign", Action.RESET_AFTER, "the assign succeeds, its answer is lost"),
    Magic("3075552005", "assign", Action.FAULT_503, "503 twice, then it works", times=2),
    Magic("3075552006", "assign", Action.FAULT_503, "503 for ever"),
    Magic(
        "3075552007",
        "assign",
        Action.LATE_APPLY,
        "504 once, and takes effect 10 s later",
        Options(seconds=10.0),
        times=1,
    ),
    Magic("3075552008", "assign", Action.TRUNCATED, "half an answer, once", times=1),
    Magic("3075552009", "reserve", Action.SLOW, "5 s slow", Options(seconds=5.0)),
    Magic(
        "3075552010",
        "reserve",
        Action.THROTTLE,
        "429 with Retry-After: 5, once",
        Options(retry_after=5),
        times=1,
    ),
    Magic("3075552011", "assign", Action.PORT_AWAY, "ported away before you could assign it: 409"),
    Magic(
        "3075552012",
        "assign",
        Action.CHANGE_METADATA,
        "somebody rewrites its metadata right after",
        Options(when="after", metadata={"customer_id": "somebody-else"}),
    ),
    Magic("3075552013", "release", Action.RESET_BEFORE, "the release is lost, once", times=1),
)


def magic_faults() -> list[Fault]:
    """The switches behind the magic numbers, fresh."""
    return [
        Fault(
            id=f"magic-{magic.tn}",
            action=magic.action,
            match=Match(path=f"*/{magic.call}", tn=magic.tn),
            options=magic.options,
            times=magic.times,
        )
        for magic in MAGIC
    ]
