"""The calls of the portability API: path, permission, and what each does."""

import re
from datetime import date
from functools import partial
from http import HTTPStatus
from typing import Any

from teliport.sandbox import port_moves
from teliport.sandbox.answers import Refused
from teliport.sandbox.ask import Ask, at, text
from teliport.sandbox.config import Permission
from teliport.sandbox.port_file import digits_of, rows_of, uploaded
from teliport.sandbox.port_project import Project
from teliport.sandbox.port_record import page_of, progress_record, project_record, row_records
from teliport.sandbox.world import World

DEFAULT_PAGE, LARGEST_PAGE = 50, 10_000
_ID_IN_PATH = re.compile(r"/port-projects/projects/([^/]+)")
_TEXTS = {
    "description": "description",
    "losingCarrier": "losing_carrier",
    "authorizedPerson": "authorized_person",
    "authorizedTitle": "authorized_title",
}


def _wrong(name: str, why: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> Refused:
    return Refused(status, f"{name}: {why}")


def _project(world: World, ask: Ask) -> Project:
    found = _ID_IN_PATH.search(ask.path)
    return world.ports.find(found[1] if found else "")


def _day(name: str, value: object, status: HTTPStatus) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError as fault:
        raise _wrong(name, "must be a date like 2026-12-01", status) from fault


def _fields(world: World, ask: Ask) -> dict[str, Any]:
    body = ask.json()
    fields: dict[str, Any] = {"name": text(body, "name"), "spid": text(body, "spid")}
    if fields["spid"] != world.config.spid:
        raise _wrong("spid", f"this token is for {world.config.spid}")
    for name, field in _TEXTS.items():
        if not isinstance(body.get(name), str | None):
            raise _wrong(name, "must be a text")
        fields[field] = body.get(name)
    day = body.get("requestedFocDate")
    fields["requested_foc_date"] = (
        None if day is None else _day("requestedFocDate", day, HTTPStatus.BAD_REQUEST).isoformat()
    )
    return fields


def _tns(body: dict[str, Any], name: str) -> list[str]:
    value = body.get(name)
    if not isinstance(value, list) or not value:
        raise _wrong(name, "must be a list of numbers that is not empty")
    tns = [digits_of(tn) if isinstance(tn, str) else None for tn in value]
    if None in tns:
        raise _wrong(name, "every number has ten digits")
    return [tn for tn in tns if tn is not None]


def _window(ask: Ask) -> tuple[int, int]:
    return _whole(ask, "page", 0, 0), _whole(ask, "size", DEFAULT_PAGE, 1)


def _whole(ask: Ask, name: str, default: int, least: int) -> int:
    value = ask.params.get(name, str(default))
    whole = int(value) if value.isascii() and value.isdecimal() and len(value) < 10 else -1
    if whole < least or (name == "size" and whole > LARGEST_PAGE):
        raise _wrong(name, f"must be a whole number, {least} or more")
    return whole


def _create(world: World, ask: Ask) -> dict[str, Any]:
    return project_record(world.ports.add(_fields(world, ask)), world.clock)


def _list(world: World, ask: Ask) -> dict[str, Any]:
    show = partial(project_record, clock=world.clock)
    return page_of(world.ports.newest_first(), *_window(ask), show)


def _get(world: World, ask: Ask) -> dict[str, Any]:
    return project_record(_project(world, ask), world.clock)


def _put(world: World, ask: Ask) -> dict[str, Any]:
    project = _project(world, ask)
    port_moves.edit(world.ports, project, _fields(world, ask))
    return project_record(project, world.clock)


def _upload(world: World, ask: Ask) -> dict[str, Any]:
    def read(job: int) -> dict[str, Any]:
        return rows_of(uploaded(ask.content_type, ask.body), job)

    return {"jobId": port_moves.upload(world.ports, _project(world, ask), read).id}


def _progress(world: World, ask: Ask) -> dict[str, Any]:
    project = _project(world, ask)
    return progress_record(project, world.clock, world.config.validation_rate)


def _details(world: World, ask: Ask) -> dict[str, Any]:
    project = _project(world, ask)
    rows = [project.rows[tn] for tn in sorted(project.rows)]
    return page_of(rows, *_window(ask), row_records(project, world.clock))


def _validate(world: World, ask: Ask) -> dict[str, Any]:
    project, body = _project(world, ask), ask.json()
    tns = _tns(body, "tns") if "tns" in body else None
    return {"jobId": port_moves.validate(world.ports, project, tns).id}


def _submit(world: World, ask: Ask) -> dict[str, Any]:
    project = _project(world, ask)
    day = _day("focDate", ask.json().get("focDate"), HTTPStatus.UNPROCESSABLE_ENTITY)
    port_moves.submit(world.ports, project, day)
    return {"status": project.status.value, "lsrId": project.lsr_id}


def _activate(world: World, ask: Ask) -> dict[str, Any]:
    project, tns = _project(world, ask), _tns(ask.json(), "tnList")
    activated, failed = port_moves.activate(world.ports, project, tns)
    return {"activated": activated, "failed": failed}


def _cancel(world: World, ask: Ask) -> dict[str, Any]:
    project, reason = _project(world, ask), text(ask.json(), "reason")
    port_moves.cancel(world.ports, project, reason)
    return {"status": project.status.value}


def _remove(world: World, ask: Ask) -> dict[str, Any]:
    project, tns = _project(world, ask), _tns(ask.json(), "tns")
    return {"removed": port_moves.remove(world.ports, project, tns)}


_ALL = "/port-projects/projects"
_ONE = f"{_ALL}/{{id}}"

ENDPOINTS = (
    at("POST", _ALL, Permission.PORTS_WRITE, _create, HTTPStatus.CREATED),
    at("GET", _ALL, Permission.PORTS_READ, _list),
    at("GET", _ONE, Permission.PORTS_READ, _get),
    at("PUT", _ONE, Permission.PORTS_WRITE, _put),
    at("POST", f"{_ONE}/upload", Permission.PORTS_WRITE, _upload, HTTPStatus.ACCEPTED),
    at("GET", f"{_ONE}/progress", Permission.PORTS_READ, _progress),
    at("GET", f"{_ONE}/details", Permission.PORTS_READ, _details),
    at("POST", f"{_ONE}/validate", Permission.PORTS_WRITE, _validate, HTTPStatus.ACCEPTED),
    at("POST", f"{_ONE}/submit", Permission.PORTS_SUBMIT, _submit),
    at("POST", f"{_ONE}/activate", Permission.PORTS_SUBMIT, _activate),
    at("POST", f"{_ONE}/cancel", Permission.PORTS_SUBMIT, _cancel),
    at("POST", f"{_ONE}/remove", Permission.PORTS_WRITE, _remove),
)
