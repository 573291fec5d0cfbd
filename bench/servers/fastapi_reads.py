"""FastAPI and asyncpg, which prepares its statements: the same reads, with the same check of the JWT.

Answers are built as dicts and written by JSONResponse, past FastAPI's own encoder: that is its faster way.
"""

import base64
import json
import os
import uuid
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import asyncpg
import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse

PATH = "/api/v1/admin/scim-tokens/"
COLUMNS = """t.id, t.tenant_id, t.name, t.description, t.token_prefix, t.last_four, t.scopes, t.allowed_ips,
  t.allowed_ips_mode, t.enabled, t.expires_at, t.created_at, t.updated_at, t.created_by, t.revoked_at, t.revoked_by,
  t.revocation_reason, t.version, t.rotation_ends_at, t.auth_method, t.access_token_ttl_seconds, t.trust, t.provider,
  t.quiet_after_hours, t.health_state, t.health_since, u.first_used_at, u.last_used_at, u.last_used_ip,
  u.last_used_user_agent, u.last_failure_at, u.last_failure_reason, u.last_failure_hint, u.ip_refused, u.ip_refused_last_ip,
  u.ip_refused_last_at"""
SOURCE = "scim_tokens t LEFT JOIN scim_token_usage u ON u.tenant_id = t.tenant_id AND u.token_id = t.id"
GET = f"SELECT {COLUMNS} FROM {SOURCE} WHERE t.id = $1 AND t.tenant_id = $2"
LIST = f"""SELECT {COLUMNS}, (SELECT listed_count FROM scim_token_tenants WHERE tenant_id = $1) AS total
  FROM {SOURCE} WHERE t.tenant_id = $1 AND t.revoked_at IS NULL
  ORDER BY t.created_at DESC, t.id DESC LIMIT 21"""

app = FastAPI()
pool: asyncpg.Pool


@app.on_event("startup")
async def connect() -> None:
    global pool
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=10)


def tenant_of(authorization: str = Header()) -> str:
    """The tenant of the request's JWT, checked as the service checks it."""
    with suppress(jwt.PyJWTError):
        claims = jwt.decode(
            authorization.removeprefix("Bearer "), os.environ["JWT_SECRET"], algorithms=["HS256"]
        )
        return claims["tenant_id"]
    raise HTTPException(401)


@app.get(PATH)
async def list_tokens(tenant: str = Depends(tenant_of)) -> JSONResponse:
    """The first page of 20 with its total, and where the next one begins."""
    rows = await pool.fetch(LIST, tenant)
    total = rows[0]["total"] if rows else 0
    items = [token_of(row) for row in rows[:20]]
    return JSONResponse(
        {
            "items": items,
            "total": total,
            "page": 1,
            "per_page": 20,
            "pages": -(-total // 20),
            "next_cursor": cursor_after(items[-1]) if len(rows) > 20 else None,
        }
    )


@app.get(PATH + "{token_id}")
async def get_token(token_id: str, tenant: str = Depends(tenant_of)) -> JSONResponse:
    """One token by its id, within the tenant."""
    row = await pool.fetchrow(GET, uuid.UUID(token_id[4:]), tenant)
    if row is None:
        raise HTTPException(404)
    return JSONResponse(token_of(row))


def token_of(row: asyncpg.Record) -> dict:
    """A token that is not being rotated, as the service shows it."""
    token_id = "sct_" + row["id"].hex
    return {
        "id": token_id,
        "tenant_id": row["tenant_id"],
        "name": row["name"],
        "description": row["description"],
        "token_prefix": row["token_prefix"],
        "last_four": row["last_four"],
        "scopes": row["scopes"],
        "allowed_ips": row["allowed_ips"],
        "status": status_of(row),
        "enabled": row["enabled"],
        "expires_at": iso(row["expires_at"]),
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
        "created_by": row["created_by"],
        "last_used_at": iso(row["last_used_at"]),
        "last_used_ip": row["last_used_ip"],
        "last_used_user_agent": row["last_used_user_agent"],
        "last_failure_at": iso(row["last_failure_at"]),
        "last_failure_reason": row["last_failure_reason"],
        "revoked_at": iso(row["revoked_at"]),
        "revoked_by": row["revoked_by"],
        "revocation_reason": row["revocation_reason"],
        "allowed_ips_mode": row["allowed_ips_mode"],
        "ip_report": row["ip_refused"]
        and {
            "refused": row["ip_refused"],
            "last_ip": row["ip_refused_last_ip"],
            "last_at": iso(row["ip_refused_last_at"]),
        },
        "rotation": None,
        "auth_method": row["auth_method"],
        "client_id": None if row["auth_method"] == "bearer" else token_id,
        "access_token_ttl_seconds": row["access_token_ttl_seconds"],
        "trust": row["trust"] and json.loads(row["trust"]),
        "provider": row["provider"],
        "quiet_after_hours": row["quiet_after_hours"],
        "health": health_of(row),
    }


def status_of(row: asyncpg.Record) -> str:
    if row["revoked_at"]:
        return "revoked"
    if row["expires_at"] <= datetime.now(timezone.utc):
        return "expired"
    return "active" if row["enabled"] else "disabled"


def health_of(row: asyncpg.Record) -> dict:
    status, state, since = status_of(row), row["health_state"], row["health_since"]
    last_used_at = row["last_used_at"]
    if status != "active":
        end = {"revoked": row["revoked_at"], "expired": row["expires_at"]}.get(status)
        return health("ended", end or since or row["updated_at"])
    if last_used_at is None:
        return health("unused", row["created_at"])
    if state is None:
        first = row["first_used_at"] or last_used_at
        return health("ok", since if since and since > first else first)
    hours = (datetime.now(timezone.utc) - last_used_at) // timedelta(hours=1)
    failure = row["last_failure_hint"] or row["last_failure_reason"]
    return health(state, since or last_used_at, hours if state == "quiet" else failure)


def health(state: str, since: datetime, detail: str | int | None = None) -> dict:
    return {"state": state, "since": iso(since), "detail": detail}


def iso(time: datetime | None) -> str | None:
    return time and time.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cursor_after(token: dict) -> str:
    text = json.dumps(["-created_at", token["created_at"], token["id"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
