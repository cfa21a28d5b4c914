"""What a call to the carrier can come to, by what it proves.

    TeliportError
    ├── NotApplied                      certainly without effect: may be tried again as it is
    │   ├── ConnectFailed               no connection, so nothing was sent
    │   ├── NotSent                     our own side could not send it
    │   ├── RateLimited                 429
    │   └── Paced                       the pace let nothing out
    │       ├── BudgetExhausted         no slot in time, or the carrier asked for quiet
    │       ├── BreakerOpen             the carrier keeps failing
    │       └── BudgetUnavailable       the store of slots is away
    ├── Definitive                      the carrier's lawful no, in its own error shape
    │   ├── BadRequest                  400
    │   │   └── QueryRejected           400 with a position in the query
    │   ├── TokenRejected               401
    │   ├── PermissionDenied            403
    │   ├── NotFound                    404
    │   ├── WrongState                  409
    │   └── Unprocessable               422
    └── Ambiguous                       may or may not have happened: read back before anything else
        ├── TimedOut
        ├── ConnectionLost              after the first byte was sent
        ├── ServerFault                 5xx
        ├── Malformed                   not JSON, not Teliport's shape, cut short
        └── UnexpectedAnswer            well-formed, but not an answer to this call

An ambiguous error of a read (`is_read`) is harmless: there was no effect to be unsure of.
Source: research/reliability.md 4.1. No message ever holds the token.
"""


class TeliportError(Exception):
    """A call to the carrier that gave no usable answer.

    `status` is the HTTP status if there was one, `code` the carrier's `error`, `method` and `path`
    the call, `request_sent` whether a byte of it may have left, `is_read` whether it could change
    nothing anyway. `retry_after` (seconds) is None where nobody can say; `position` (an offset into
    the query) and `valid_options` come with QueryRejected only.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        method: str | None = None,
        path: str | None = None,
        request_sent: bool = True,
        is_read: bool = False,
        retry_after: float | None = None,
        position: int | None = None,
        valid_options: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.method = method
        self.path = path
        self.request_sent = request_sent
        self.is_read = is_read
        self.retry_after = retry_after
        self.position = position
        self.valid_options = valid_options


class NotApplied(TeliportError):
    """Certainly without effect."""


class ConnectFailed(NotApplied):
    """No connection could be made."""


class NotSent(NotApplied):
    """Our own connection pool or protocol layer did not send it."""


class RateLimited(NotApplied):
    """429; `retry_after` is the carrier's wish within 1 to 300 s, None if it named none."""


class Paced(NotApplied):
    """Held back on our side; `retry_after` is always set."""


class BudgetExhausted(Paced):
    """Every slot this lane may use is taken."""


class BreakerOpen(Paced):
    """The carrier keeps failing; all processes leave it alone for a moment."""


class BudgetUnavailable(Paced):
    """The store of slots did not answer; unmetered calls are not made."""


class Definitive(TeliportError):
    """The carrier refused and changed nothing."""


class BadRequest(Definitive):
    """400: the body or a parameter."""


class QueryRejected(BadRequest):
    """400: the query text; `position` is an offset into it, `valid_options` what would fit."""


class TokenRejected(Definitive):
    """401: the token is unknown or revoked; no call will succeed until that is put right."""


class PermissionDenied(Definitive):
    """403: the token lacks the permission for this call."""


class NotFound(Definitive):
    """404: no such number; one ported away may answer so although a query still finds it."""


class WrongState(Definitive):
    """409: the number is not in a state for this call."""


class Unprocessable(Definitive):
    """422: understood and refused."""


class Ambiguous(TeliportError):
    """Nobody knows whether it took effect."""


class TimedOut(Ambiguous):
    """No complete answer in time."""


class ConnectionLost(Ambiguous):
    """The connection broke after it was made; a stale keep-alive looks the same."""


class ServerFault(Ambiguous):
    """5xx."""


class Malformed(Ambiguous):
    """An answer that cannot be read as Teliport's."""


class UnexpectedAnswer(Ambiguous):
    """A readable answer about another number, or with a state this call cannot lead to."""
