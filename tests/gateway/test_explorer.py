"""The explorer's files: policy, caching, compressed twins, and the page when nothing is built."""

import gzip
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from gateway import explorer

INDEX = '<html><meta name="warp-environment" content="" /><div id="root"></div></html>'
SCRIPT = b"console.log('the explorer')" * 50
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; img-src 'self' data:; connect-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@pytest.fixture
def dist(tmp_path: Path) -> Path:
    assets = tmp_path / "dist" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text(INDEX)
    (assets.parent / "favicon.svg").write_text("<svg/>")
    (assets.parent / ".built").write_text("")
    (assets / "index-abc123.js").write_bytes(SCRIPT)
    (assets / "index-abc123.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "codicon-abc123.ttf").write_bytes(b"font")
    (tmp_path / "secret.js").write_text("outside")
    return assets.parent


async def get(
    dist: Path | None, path: str, *, environment: str = "", encoding: str = "identity"
) -> httpx.Response:
    app = Starlette(routes=explorer.routes(dist, environment=environment))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        return await client.get(path, headers={"accept-encoding": encoding})


@pytest.mark.parametrize("path", ["/admin/graphiql", "/admin/graphiql/"])
async def test_the_page_is_served_with_and_without_the_slash(dist: Path, path: str) -> None:
    answer = await get(dist, path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert '<div id="root">' in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/admin/graphiql",
        "/admin/graphiql/favicon.svg",
        "/admin/graphiql/assets/index-abc123.js",
        "/admin/graphiql/nothing-here",
    ],
)
@pytest.mark.parametrize("built", [True, False])
async def test_every_answer_carries_the_policy(dist: Path, path: str, built: bool) -> None:
    answer = await get(dist if built else None, path)
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_the_page_is_told_its_environment_and_nothing_else(dist: Path) -> None:
    assert (
        'content="production"'
        in (await get(dist, "/admin/graphiql", environment="production")).text
    )
    told = (await get(dist, "/admin/graphiql", environment='"><script>\\1')).text
    assert "<script>" not in told
    assert 'content="&quot;&gt;&lt;script&gt;\\1"' in told


async def test_hashed_assets_are_kept_for_ever_and_the_icon_is_not(dist: Path) -> None:
    script = await get(dist, "/admin/graphiql/assets/index-abc123.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    icon = await get(dist, "/admin/graphiql/favicon.svg")
    assert icon.headers["cache-control"] == "public, max-age=3600"


@pytest.mark.parametrize(
    ("encoding", "compressed"),
    [
        ("gzip, deflate, br", True),
        ("br;q=1.0, GZIP;q=0.5", True),
        ("*", True),
        ("identity", False),
        ("gzip;q=0", False),
        ("gzip; q=0.0, br", False),
        ("x-gzip", False),
        ("", False),
    ],
)
async def test_the_compressed_twin_goes_to_those_who_take_it(
    dist: Path, encoding: str, compressed: bool
) -> None:
    answer = await get(dist, "/admin/graphiql/assets/index-abc123.js", encoding=encoding)
    assert answer.content == SCRIPT
    assert answer.headers.get("content-encoding") == ("gzip" if compressed else None)
    assert answer.headers["vary"] == "accept-encoding"


async def test_an_asset_without_a_twin_is_sent_as_it_is(dist: Path) -> None:
    answer = await get(dist, "/admin/graphiql/assets/codicon-abc123.ttf", encoding="gzip")
    assert answer.content == b"font"
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    "path",
    [
        "/admin/graphiql/assets/missing.js",
        "/admin/graphiql/assets/index-abc123.js.gz",
        "/admin/graphiql/.built",
        "/admin/graphiql/index.html",
        "/admin/graphiql/..%2Fsecret.js",
        "/admin/graphiql/%2e%2e/secret.js",
        "/admin/graphiql//etc/passwd",
    ],
)
async def test_only_files_of_the_bundle_can_be_asked_for(dist: Path, path: str) -> None:
    answer = await get(dist, path)
    assert answer.status_code == 404
    assert "outside" not in answer.text


@pytest.mark.parametrize(
    "path", ["/admin/graphiql", "/admin/graphiql/", "/admin/graphiql/assets/a.js"]
)
async def test_without_a_bundle_the_page_says_how_to_build_it(tmp_path: Path, path: str) -> None:
    for dist in (None, tmp_path):
        answer = await get(dist, path)
        assert answer.status_code == 503
        assert answer.headers["cache-control"] == "no-store"
        assert "npm ci" in answer.text
        assert "make explorer" in answer.text
