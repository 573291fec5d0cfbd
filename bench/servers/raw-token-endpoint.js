'use strict';
const { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual } = require('node:crypto');
const { createServer } = require('node:http');
const { text } = require('node:stream/consumers');
const { URLSearchParams } = require('node:url');
const { Pool } = require('pg');

const READ = {
  name: 'read',
  text: `SELECT t.id, t.tenant_id, t.auth_method, t.scopes, t.enabled, t.revoked_at, t.expires_at,
    t.access_token_ttl_seconds, t.version, s.id AS secret_id, s.secret_mac
    FROM scim_tokens t LEFT JOIN scim_token_secrets s
    ON s.tenant_id = t.tenant_id AND s.token_id = t.id AND s.lookup_id = $2 WHERE t.id = $1`,
};
const INSERT = `INSERT INTO scim_token_access_tokens (tenant_id, id, token_id, secret_id, lookup_id, value_hash,
    last_four, scopes, issued_at, expires_at)
  SELECT t.tenant_id, $4::uuid, t.id, $5::uuid, $6, $7, $8, $9::text[], $10::timestamptz, $11::timestamptz
  FROM scim_tokens t WHERE t.tenant_id = $1 AND t.id = $2 AND t.version = $3 FOR SHARE`;

/** The least that a token endpoint can be: node:http, the two statements, one MAC, the token's state. */
async function start(databaseUrl, { SCIM_TOKEN_PEPPER: pepper }) {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  const issue = async (form) => {
    const secret = form.get('client_secret');
    const values = [form.get('client_id').slice(4), secret.split('_')[1]];
    const { rows } = await pool.query({ ...READ, values });
    const [row] = rows;
    const now = new Date();
    if (!row?.enabled || row.revoked_at || row.expires_at <= now) return null;
    const mac = createHmac('sha256', pepper).update(secret).digest();
    if (!timingSafeEqual(mac, Buffer.from(row.secret_mac, 'hex'))) return null;
    const lookup = randomBytes(9).toString('base64url');
    const value = `scimat_${lookup}_${randomBytes(28).toString('base64url')}`;
    const seconds = row.access_token_ttl_seconds;
    await pool.query(INSERT, [
      row.tenant_id,
      row.id,
      row.version,
      randomUUID(),
      row.secret_id,
      lookup,
      createHash('sha256').update(value).digest('hex'),
      value.slice(-4),
      row.scopes,
      now,
      new Date(now.getTime() + seconds * 1000),
    ]);
    const scope = row.scopes.join(' ');
    return { access_token: value, token_type: 'Bearer', expires_in: seconds, scope };
  };
  const server = createServer(async (request, response) => {
    const issued = await issue(new URLSearchParams(await text(request)));
    response.writeHead(issued ? 200 : 401, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    response.end(JSON.stringify(issued ?? { error: 'invalid_client' }));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}` };
}

module.exports = { start };
