'use strict';
const { createSecretKey } = require('node:crypto');
const jwt = require('jsonwebtoken');
const { Pool } = require('pg');

const key = createSecretKey(process.env.JWT_SECRET, 'utf8');
const pool = new Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const COLUMNS = `t.id, t.tenant_id, t.name, t.description, t.token_prefix, t.last_four, t.scopes, t.allowed_ips,
  t.enabled, t.expires_at, t.created_at, t.updated_at, t.created_by, t.revoked_at, t.revoked_by,
  t.revocation_reason, u.last_used_at, u.last_used_ip, u.last_used_user_agent`;
const SOURCE = 'scim_tokens t LEFT JOIN scim_token_usage u ON u.token_id = t.id';

/** The tenant of the request's JWT, checked as the service checks it. */
const tenantOf = (authorization) =>
  jwt.verify(authorization.slice('Bearer '.length), key, { algorithms: ['HS256'] }).tenant_id;

/** One token by its id, within the tenant. */
const get = async (tenant, id) => {
  const uuid = id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const { rows } = await pool.query(
    `SELECT ${COLUMNS} FROM ${SOURCE} WHERE t.id = $1 AND t.tenant_id = $2`,
    [uuid, tenant],
  );
  return rows.length > 0 ? toToken(rows[0]) : null;
};

/** The first page of 20 with its total. */
const list = async (tenant) => {
  const { rows } = await pool.query(
    `SELECT ${COLUMNS}, (SELECT listed_count FROM scim_token_tenants WHERE tenant_id = $1) AS total
     FROM ${SOURCE} WHERE t.tenant_id = $1 AND t.revoked_at IS NULL
     ORDER BY t.created_at DESC, t.id DESC LIMIT 20`,
    [tenant],
  );
  const total = Number(rows[0]?.total ?? 0);
  return { items: rows.map(toToken), total, page: 1, per_page: 20, pages: Math.ceil(total / 20) };
};

function toToken({ id, expires_at, created_at, updated_at, last_used_at, revoked_at, ...row }) {
  delete row.total;
  const now = new Date();
  return {
    id: `sct_${id.replaceAll('-', '')}`,
    ...row,
    status: revoked_at
      ? 'revoked'
      : expires_at <= now
        ? 'expired'
        : row.enabled
          ? 'active'
          : 'disabled',
    expires_at: expires_at.toISOString(),
    created_at: created_at.toISOString(),
    updated_at: updated_at.toISOString(),
    last_used_at: last_used_at?.toISOString() ?? null,
    revoked_at: revoked_at?.toISOString() ?? null,
  };
}

module.exports = { get, list, tenantOf };
