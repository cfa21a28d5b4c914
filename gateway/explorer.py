"""Serves the built API explorer (GraphiQL, from `portal/explorer`) under /admin/graphiql.

The files are public: they hold no data, and all the page shows comes from /graphql with the token
of whoever pasted it. What protects them is the policy: nothing is loaded from, or sent to, another
host.
"""

import html
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

PREFIX: Final = "/admin/graphiql"

# 'unsafe-inline' for styles alone: Monaco positions its text with style attributes.
POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
    }
)
# Vite puts a hash of the content into the name of everything under assets/.
FOREVER: Final = "public, max-age=31536000, immutable"
MEDIA_TYPES: Final = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".svg": "image/svg+xml",
        ".ttf": "font/ttf",
        ".woff2": "font/woff2",
    }
)
NOT_BUILT: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>WARP Numbers · API explorer</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:34rem;margin:15vh auto;padding:0 1.5rem;
color:#1c2b3a}code{background:#f4f6f9;padding:.15em .4em;border-radius:4px}</style></head><body>
<h1>The API explorer is not built</h1>
<p>The API itself is running at <code>/graphql</code>. To have the explorer, install Node 20.19 or
newer and run <code>make explorer</code>, or by hand:</p>
<p><code>cd portal &amp;&amp; npm ci &amp;&amp; npm run build</code></p>
<p>Then restart the gateway.</p></body></html>
"""


class Asset(NamedTuple):
    """A file of the bundle and, where it was worth it, its compressed twin."""

    plain: Path
    gzipped: Path | None
    media_type: str
    cache: str

    def response(self, *, gzip: bool) -> Response:
        headers = {**HEADERS, "cache-control": self.cache}
        if self.gzipped is None:
            return FileResponse(self.plain, headers=headers, media_type=self.media_type)
        headers["vary"] = "accept-encoding"
        if not gzip:
            return FileResponse(self.plain, headers=headers, media_type=self.media_type)
        headers["content-encoding"] = "gzip"
        return FileResponse(self.gzipped, headers=headers, media_type=self.media_type)


def routes(dist: Path | None, *, environment: str = "") -> list[BaseRoute]:
    """The explorer's routes; with `dist` None or empty, a page that says how to build it.

    `environment` is shown as a badge (for example "production"); without one the page goes by the
    host name. The bundle is listed once, here: only files that existed at start can be asked for.
    """
    if dist is None or not (dist / "index.html").is_file():
        return [Route(PREFIX, not_built), Route(PREFIX + "/{path:path}", not_built)]
    page = _page(dist / "index.html", environment)
    assets = _assets(dist)

    async def index(_: Request) -> Response:
        return HTMLResponse(page, headers={**HEADERS, "cache-control": "no-cache"})

    async def asset(request: Request) -> Response:
        found = assets.get(request.path_params["path"])
        if found is None or not found.plain.is_file():
            # Also after a rebuild beneath us: the next start lists the new names.
            return HTMLResponse("Not found", status_code=404, headers=HEADERS)
        return found.response(gzip=_takes_gzip(request.headers.get("accept-encoding", "")))

    return [
        Route(PREFIX, index),
        Route(PREFIX + "/", index),
        Route(PREFIX + "/{path:path}", asset),
    ]


async def not_built(_: Request) -> Response:
    """503 and not 404: the address is right, the bundle is missing."""
    return HTMLResponse(
        NOT_BUILT, status_code=503, headers={**HEADERS, "cache-control": "no-store"}
    )


def _page(index: Path, environment: str) -> str:
    told = f'<meta name="warp-environment" content="{html.escape(environment)}" />'
    return re.sub(
        r'<meta name="warp-environment"[^>]*>', lambda _: told, index.read_text(encoding="utf-8")
    )


def _assets(dist: Path) -> Mapping[str, Asset]:
    files = {p.relative_to(dist).as_posix(): p for p in dist.rglob("*") if p.is_file()}
    return {
        name: Asset(
            plain=path,
            gzipped=files.get(f"{name}.gz"),
            media_type=MEDIA_TYPES[path.suffix],
            cache=FOREVER if name.startswith("assets/") else "public, max-age=3600",
        )
        for name, path in files.items()
        if path.suffix in MEDIA_TYPES
    }


def _takes_gzip(accept_encoding: str) -> bool:
    """Whether gzip is listed and not refused by `q=0` (RFC 9110, 12.5.3)."""
    for offer in accept_encoding.lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in {"gzip", "*"}:
            return weight.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False
