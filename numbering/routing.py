"""Where calls to a number go, and which settings of it make sense together."""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from numbering.lifecycle import RoutingType
from numbering.refusals import Invalid
from numbering.telephone import InvalidNumber, TelephoneNumber

MAX_DESTINATION = 255
_SIP_URI = re.compile(
    r"sips?:"
    r"(?:[A-Za-z0-9_.!~*'()&=+$,;?/%-]+@)?"
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])"
    r"(?::[0-9]{1,5})?"
    r"(?:;[A-Za-z0-9_.!~*'()%=-]+)*",
    re.ASCII | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Routing:
    """One type, and what belongs to it: a trunk, or a destination.

    `destination` is a SIP URI or a number by `type`; `failover` may be either.
    """

    type: RoutingType
    trunk_id: UUID | None = None
    destination: str | None = None
    failover: str | None = None

    def check(self, number: TelephoneNumber | None = None) -> "Routing":
        """The same routing with numbers in E.164; Invalid, with `path`, if the parts do not fit.

        Give the routed `number` to have loops refused. Whose trunk it is, the caller must check.
        """
        self._check_parts()
        destination, failover = self.destination, self.failover
        if destination is not None:
            wants_number = self.type is RoutingType.FORWARD
            read = _number if wants_number else _sip_uri
            destination = read(destination, "destination")
        if failover is not None:
            read = _sip_uri if failover.lower().startswith(("sip:", "sips:")) else _number
            failover = read(failover, "failoverDestination")
        for field, target in (("destination", destination), ("failoverDestination", failover)):
            if number is not None and target == number:
                raise _invalid(field, "A number cannot be sent to itself. Choose another target.")
        return replace(self, destination=destination, failover=failover)

    def _check_parts(self) -> None:
        is_trunk = self.type is RoutingType.TRUNK
        takes_destination = self.type in {RoutingType.SIP_URI, RoutingType.FORWARD}
        if is_trunk != (self.trunk_id is not None):
            wrong = "Name the trunk." if is_trunk else f"{self.type} has no trunk: leave it out."
            raise _invalid("trunkId", wrong)
        if takes_destination != (self.destination is not None):
            wrong = "Name the destination." if takes_destination else "Leave the destination out."
            raise _invalid("destination", f"Routing {self.type}: {wrong}")
        if self.type is RoutingType.NONE and self.failover is not None:
            raise _invalid("failoverDestination", "Without routing there is nothing to fail over.")


def _sip_uri(text: str, field: str) -> str:
    if len(text) > MAX_DESTINATION or not _SIP_URI.fullmatch(text):
        raise _invalid(field, "Write a SIP address such as sip:desk@pbx.example.com:5060.")
    return text


def _number(text: str, field: str) -> str:
    try:
        return str(TelephoneNumber.parse(text))
    except InvalidNumber as error:
        raise _invalid(field, error.message) from error


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, path=("routing", field))
