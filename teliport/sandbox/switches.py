"""`POST /_sandbox/faults`: the checked body becomes a switch. A typo is never a silent no-op."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from teliport.sandbox.answers import Refused
from teliport.sandbox.faults import Action, Fault, Faults, Match, Options


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Match(_Strict):
    method: str | None = None
    path: str | None = None
    tn: str | None = None

    @field_validator("tn")
    @classmethod
    def _ten_digits(cls, tn: str | None) -> str | None:
        """E.164 or ten digits: calls name numbers by ten."""
        return tn and "".join(filter(str.isdecimal, tn))[-10:]


class _Switch(_Strict):
    action: Action
    match: _Match = _Match()
    nth: int | None = Field(default=None, ge=1)
    every: int | None = Field(default=None, ge=1)
    probability: float | None = Field(default=None, ge=0, le=1)
    times: int | None = Field(default=None, ge=1)
    retry_after: int | None = Field(default=None, ge=0)
    seconds: float = Field(default=1.0, ge=0)
    applied: bool = False
    when: str = Field(default="before", pattern="^(before|after)$")
    status: int | None = Field(default=None, ge=0, le=599)
    metadata: dict[str, Any] = {}
    holder: str = "SOMEBODY-ELSE"
    spid: str = "6529"

    @field_validator("action", mode="before")
    @classmethod
    def _as_text(cls, action: object) -> object:
        """503 as a number means the same as "503"."""
        return str(action) if isinstance(action, int) else action


def set_fault(faults: Faults, body: dict[str, Any]) -> Fault:
    """Set the switch that this body describes. Raises Refused."""
    try:
        switch = _Switch.model_validate(body)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(map(str, first["loc"]))
        detail = {"validOptions": [action.value for action in Action]} if where == "action" else {}
        raise Refused(
            HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}", detail=detail
        ) from invalid
    match = Match(
        method=switch.match.method and switch.match.method.upper(),
        path=switch.match.path,
        tn=switch.match.tn,
    )
    options = Options(
        retry_after=switch.retry_after,
        seconds=switch.seconds,
        applied=switch.applied,
        when=switch.when,
        status=switch.status,
        metadata=switch.metadata,
        holder=switch.holder,
        spid=switch.spid,
    )
    return faults.add(
        switch.action,
        match,
        options,
        nth=switch.nth,
        every=switch.every,
        probability=switch.probability,
        times=switch.times,
    )
