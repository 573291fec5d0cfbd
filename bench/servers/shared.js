'use strict';
const { createSecretKey } = require('node:crypto');
const jwt = require('jsonwebtoken');
const { Pool } = require('pg');

const key = createSecretKey(process.env.JWT_SECRET, 'utf8');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const COLUMNS = `t.id, t.tenant_id, t.name, t.description, t.token_prefix, t.last_four, t.scopes, t.allowed_ips,
  t.allowed_ips_mode, t.enabled, t.expires_at, t.created_at, t.updated_at, t.created_by, t.revoked_at, t.revoked_by,
  t.revocation_reason, t.version, t.rotation_ends_at, t.auth_method, t.access_token_ttl_seconds, t.trust, t.provider, t.quiet_after_hours, t.health_state, t.health_since,
  u.first_used_at, u.last_used_at, u.last_used_ip, u.last_used_user_agent, u.last_failure_at, u.last_failure_reason, u.last_failure_hint, u.ip_refused, u.ip_refused_last_ip, u.ip_refused_last_at`;
const SOURCE =
  'scim_tokens t LEFT JOIN scim_token_usage u ON u.tenant_id = t.tenant_id AND u.token_id = t.id';

/** The tenant of the request's JWT, checked as the service checks it. */
const tenantOf = (authorization) =>
  jwt.verify(authorization.slice('Bearer '.length), key, { algorithms: ['HS256'] }).tenant_id;

/** One token by its id, within the tenant. */
const get = async (tenant, id) => {
  const uuid = id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const { rows } = await pool.query({
    name: 'get',
    text: `SELECT ${COLUMNS} FROM ${SOURCE} WHERE t.id = $1 AND t.tenant_id = $2`,
    values: [uuid, tenant],
  });
  return rows.length > 0 ? toToken(rows[0]) : null;
};

/** The first page of 20 with its total, and where the next one begins. */
const list = async (tenant) => {
  const { rows } = await pool.query({
    name: 'list',
    text: `SELECT ${COLUMNS}, (SELECT listed_count FROM scim_token_tenants WHERE tenant_id = $1) AS total
     FROM ${SOURCE} WHERE t.tenant_id = $1 AND t.revoked_at IS NULL
     ORDER BY t.created_at DESC, t.id DESC LIMIT 21`,
    values: [tenant],
  });
  const total = rows[0]?.total ?? 0;
  const items = rows.slice(0, 20).map(toToken);
  return {
    items,
    total,
    page: 1,
    per_page: 20,
    pages: Math.ceil(total / 20),
    next_cursor: rows.length > 20 ? cursorAfter(items[19]) : null,
  };
};

const idOf = (uuid) => `sct_${uuid.replaceAll('-', '')}`;

const cursorAfter = ({ id, created_at }) =>
  Buffer.from(JSON.stringify(['-created_at', created_at, id])).toString('base64url');

/** A token that is not being rotated, as the service shows it. */
function toToken(row) {
  return {
    id: idOf(row.id),
    tenant_id: row.tenant_id,
    name: row.name,
    description: row.description,
    token_prefix: row.token_prefix,
    last_four: row.last_four,
    scopes: row.scopes,
    allowed_ips: row.allowed_ips,
    status: statusOf(row),
    enabled: row.enabled,
    expires_at: row.expires_at.toISOString(),
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
    created_by: row.created_by,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    last_used_ip: row.last_used_ip,
    last_used_user_agent: row.last_used_user_agent,
    last_failure_at: row.last_failure_at?.toISOString() ?? null,
    last_failure_reason: row.last_failure_reason,
    revoked_at: row.revoked_at?.toISOString() ?? null,
    revoked_by: row.revoked_by,
    revocation_reason: row.revocation_reason,
    allowed_ips_mode: row.allowed_ips_mode,
    ip_report: row.ip_refused && {
      refused: Number(row.ip_refused),
      last_ip: row.ip_refused_last_ip,
      last_at: row.ip_refused_last_at.toISOString(),
    },
    rotation: null,
    auth_method: row.auth_method,
    client_id: row.auth_method === 'bearer' ? null : idOf(row.id),
    access_token_ttl_seconds: row.access_token_ttl_seconds,
    trust: row.trust,
    provider: row.provider,
    quiet_after_hours: row.quiet_after_hours,
    health: healthOf(row),
  };
}

function statusOf({ revoked_at, expires_at, enabled }) {
  if (revoked_at) return 'revoked';
  if (expires_at <= new Date()) return 'expired';
  return enabled ? 'active' : 'disabled';
}

function healthOf(row) {
  const {
    created_at,
    updated_at,
    revoked_at,
    expires_at,
    health_state: state,
    health_since: since,
  } = row;
  const { last_used_at: lastUsedAt, last_failure_hint: hint, last_failure_reason: reason } = row;
  const status = statusOf(row);
  if (status !== 'active') {
    const end = status === 'revoked' ? revoked_at : status === 'expired' ? expires_at : null;
    return health('ended', end ?? since ?? updated_at);
  }
  if (!lastUsedAt) return health('unused', created_at);
  if (!state) {
    const first = row.first_used_at ?? lastUsedAt;
    return health('ok', since && since > first ? since : first);
  }
  const hours = Math.floor((Date.now() - lastUsedAt.getTime()) / 3_600_000);
  return health(state, since ?? lastUsedAt, state === 'quiet' ? hours : (hint ?? reason));
}

function health(state, since, detail = null) {
  return { state, since: since.toISOString(), detail };
}

module.exports = { get, list, tenantOf };
