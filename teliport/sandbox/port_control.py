"""`/_sandbox/ports` and `/_sandbox/webhooks`: the projects as they are, and how to push them."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.requests import Request

from teliport.sandbox import port_life
from teliport.sandbox.answers import Refused
from teliport.sandbox.loopback import NotLoopback
from teliport.sandbox.numbers import instant
from teliport.sandbox.outbox import BadSecret
from teliport.sandbox.port_file import digits_of
from teliport.sandbox.port_moves import require
from teliport.sandbox.port_project import BEFORE_ACTIVATION, PortStatus, Project
from teliport.sandbox.port_record import progress_record, project_record, row_records
from teliport.sandbox.world import World


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rejection(_Strict):
    code: str = "8A"
    message: str = "The losing carrier rejects the order"
    field: str | None = None
    tns: tuple[str, ...] = ()


class _Push(_Strict):
    to: PortStatus | None = None


class _Receiver(_Strict):
    url: str | None
    secrets: tuple[str, ...] | None = Field(default=None, min_length=1)


def _invalid(fault: ValidationError) -> Refused:
    first = fault.errors()[0]
    where = ".".join(map(str, first["loc"]))
    return Refused(HTTPStatus.BAD_REQUEST, f"{where}: {first['msg']}")


def ports(world: World, _: Request, __: dict[str, Any]) -> Any:
    """Every project, the newest first."""
    found = world.ports.newest_first()
    return {"ports": [project_record(project, world.clock) for project in found]}


def port(world: World, request: Request, _: dict[str, Any]) -> Any:
    """One project with its rows, its validation, its LSRs and what comes next."""
    return whole(world, world.ports.find(request.path_params["id"]))


def whole(world: World, project: Project) -> dict[str, Any]:
    """A project with all that belongs to it."""
    clock = world.clock
    show = row_records(project, clock)
    step = port_life.next_step(project)
    ahead = port_life.life_now(project, clock, clock.now()) - clock.now()
    return {
        **project_record(project, clock),
        "lsrIds": project.lsr_ids,
        "next": step and {"status": step[0].value, "at": instant(step[1] - ahead)},
        "progress": progress_record(project, clock, world.config.validation_rate),
        "rows": [show(project.rows[tn]) for tn in sorted(project.rows)],
    }


def reject(world: World, request: Request, body: dict[str, Any]) -> Any:
    """The losing carrier rejects the order: `{"code", "message", "field", "tns"}`, all optional."""
    project = world.ports.find(request.path_params["id"])
    try:
        asked = _Rejection.model_validate(body)
    except ValidationError as fault:
        raise _invalid(fault) from fault
    require(project, "rejected", BEFORE_ACTIVATION)
    tns = [tn for tn in map(digits_of, asked.tns) if tn in project.rows]
    why = {**asked.model_dump(), "tns": tns or list(project.rows)}
    with world.ports.changing(project):
        port_life.reject(world.ports, project, why, world.clock.now())
    return whole(world, project)


def advance(world: World, request: Request, body: dict[str, Any]) -> Any:
    """What comes next in a project's life comes now; `{"to": status}`: all until that status."""
    project = world.ports.find(request.path_params["id"])
    try:
        to = _Push.model_validate(body).to
    except ValidationError as fault:
        raise _invalid(fault) from fault
    if not port_life.hurry(world.ports, project):
        raise Refused(HTTPStatus.CONFLICT, f"The project is {project.status}; nothing comes next")
    while to is not None and project.status is not to and port_life.hurry(world.ports, project):
        pass
    return whole(world, project)


def webhooks(world: World, _: Request, __: dict[str, Any]) -> Any:
    """Where they go, and every one of them with its tries."""
    shown = [delivery.shown() for delivery in world.outbox.deliveries.values()]
    return {"url": world.receiver.url, "deliveries": shown}


def set_receiver(world: World, request: Request, body: dict[str, Any]) -> Any:
    """Send them there from now on: `{"url", "secrets"}`; a null URL ends it."""
    try:
        asked = _Receiver.model_validate(body)
        world.receiver.become(asked.url, asked.secrets or world.receiver.secrets)
    except ValidationError as fault:
        raise _invalid(fault) from fault
    except (NotLoopback, BadSecret) as fault:
        raise Refused(HTTPStatus.BAD_REQUEST, str(fault)) from fault
    return webhooks(world, request, body)
