"""A peer: the same JSON by hand, Starlette and asyncpg, one joined SELECT, nothing else.

No GraphQL, no validation, no row-level security, no cost, no masking: the floor under any server of
this page in Python. `uvicorn tests.bench.handwritten:app`; DATABASE_URL and CUSTOMER are in the
environment.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

PAGE = """
SELECT d.id::text, d.number, d.status, d.friendly_name, d.voice_enabled, d.sms_enabled,
  c.id::text AS customer, c.name AS customer_name, t.id::text AS trunk, t.name AS trunk_name
FROM voice.dids d
JOIN accounts.customers c ON c.id = d.customer_id
LEFT JOIN voice.trunks t ON t.id = d.trunk_id
WHERE d.customer_id = $1 AND d.status <> 'DISCONNECTED'
ORDER BY d.number, d.id LIMIT $2
"""


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[None]:
    """Open the pool; the owner's URL needs to see rows through the forced policies."""
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"], min_size=4, max_size=10, server_settings={"app.scope": "STAFF"}
    ) as pool:
        app.state.pool = pool
        yield


async def dids(request: Request) -> Response:
    """The first page of a customer's numbers in the shape of the GraphQL answer."""
    asked = orjson.loads(await request.body())
    first = asked["variables"]["first"]
    rows = await request.app.state.pool.fetch(PAGE, UUID(os.environ["CUSTOMER"]), first + 1)
    nodes = [node(row) for row in rows[:first]]
    page = {"hasNextPage": len(rows) > first, "endCursor": nodes[-1]["number"]}
    body = orjson.dumps({"data": {"dids": {"pageInfo": page, "nodes": nodes}}})
    return Response(body, media_type="application/json")


def node(row: asyncpg.Record) -> dict[str, object]:
    """One number with its neighbours."""
    trunk = {"id": row["trunk"], "name": row["trunk_name"]} if row["trunk"] else None
    return {
        "id": row["id"],
        "number": row["number"],
        "status": row["status"],
        "friendlyName": row["friendly_name"],
        "voiceEnabled": row["voice_enabled"],
        "smsEnabled": row["sms_enabled"],
        "customer": {"id": row["customer"], "name": row["customer_name"]},
        "routing": {"trunk": trunk},
    }


app = Starlette(lifespan=lifespan, routes=[Route("/graphql", dids, methods=["POST"])])
