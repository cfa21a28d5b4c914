"""`GET /files/port-documents/{id}?expires=&signature=`: a document, for who has a signed link.

The link is the permission: it was given to somebody who may read the project, and ends soon. The
document is whatever a customer uploaded, so a browser may only save it, never show or run it.
"""

import asyncio
from collections.abc import Callable
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final
from urllib.parse import quote
from uuid import UUID

import structlog
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from db import port_documents
from db.errors import DatabaseFault
from db.vault import VaultError
from gateway.links import PATH, LinkRefused
from gateway.wiring import Platform
from numbering.actors import Scope

HEADERS: Final = MappingProxyType(
    {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "same-site",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
)
MEDIA_TYPES: Final = MappingProxyType(
    {
        ".pdf": "application/pdf",
        ".png": "image/png",
        ".jpg": "image/jpeg",
        ".jpeg": "image/jpeg",
        ".tif": "image/tiff",
        ".tiff": "image/tiff",
    }
)

log = structlog.get_logger("gateway.files")


def routes(platform_of: Callable[[], Platform]) -> list[Route]:
    """The one route; `platform_of` gives the platform once the process has started."""

    async def document(request: Request) -> Response:
        return await answer(platform_of(), request)

    return [Route(f"{PATH}/{{document_id:uuid}}", document)]


async def answer(platform: Platform, request: Request) -> Response:
    """The document, or why not: 403 for the link, 404, 500 for a lost key, 503."""
    document_id: UUID = request.path_params["document_id"]
    asked = request.query_params
    try:
        if platform.links is None:
            raise LinkRefused("This link is not valid; ask for the document's link again.")
        platform.links.judge(document_id, asked.get("expires", ""), asked.get("signature", ""))
        found = await _opened(platform, document_id)
    except LinkRefused as refused:
        return _told(403, str(refused))
    except DatabaseFault:
        return _told(503, "The document cannot be read now. Try again in a moment.")
    except VaultError:
        log.error("document.sealed_with_a_lost_key", document_id=str(document_id))
        return _told(500, "The document cannot be opened. We have been told.")
    if found is None:
        return _told(404, "There is no such document.")
    name, content = found
    return Response(content, headers={**HEADERS, **_attached(name)}, media_type=_media_type(name))


async def _opened(platform: Platform, document_id: UUID) -> tuple[str, bytes] | None:
    """Name and content; None if there is no such document. Raises DatabaseFault, VaultError."""
    async with platform.services.database.read(Scope.staff()) as reader:
        document = (await port_documents.by_ids(reader, [document_id])).get(document_id)
        if document is None:
            return None
        sealed = await port_documents.content(reader, document_id)
    vault = platform.services.vault
    if vault is None or sealed is None:
        raise VaultError("no key")
    # Ten megabytes take longer to open than others should wait.
    return document.file_name, await asyncio.to_thread(vault.open_bytes, sealed)


def _attached(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=utf-8''{quote(name, safe='')}"}


def _media_type(name: str) -> str:
    return MEDIA_TYPES.get(PurePosixPath(name).suffix.lower(), "application/octet-stream")


def _told(status: int, message: str) -> Response:
    return PlainTextResponse(message, status, headers=dict(HEADERS))
