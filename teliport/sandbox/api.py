"""The carrier's whole API: which call a method and a path are."""

from http import HTTPStatus

from teliport.sandbox import endpoints, port_endpoints
from teliport.sandbox.answers import Refused
from teliport.sandbox.ask import Endpoint

PREFIX = "/api/v1"

ENDPOINTS = (*endpoints.ENDPOINTS, *port_endpoints.ENDPOINTS)


def endpoint(method: str, path: str) -> Endpoint:
    """The call of this method and path. Raises Refused: 404 for the path, 405 for the method."""
    here = [known for known in ENDPOINTS if known.path.fullmatch(path.removeprefix(PREFIX))]
    for known in here:
        if known.method == method:
            return known
    if here:
        allowed = ", ".join(known.method for known in here)
        headers = {"Allow": allowed}
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, f"Only {allowed} is served", headers=headers)
    raise Refused(HTTPStatus.NOT_FOUND, "No such resource")
