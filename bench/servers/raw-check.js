'use strict';
const { createHmac, timingSafeEqual } = require('node:crypto');
const { createServer } = require('node:http');
const { Pool } = require('pg');

const READ = `SELECT s.secret_mac, t.tenant_id, t.enabled, t.revoked_at, t.expires_at
  FROM scim_token_secrets s JOIN scim_tokens t
  ON t.tenant_id = s.tenant_id AND t.id = s.token_id WHERE s.lookup_id = $1`;

/** The least that a check can be: node:http, one indexed read, one MAC, the token's state. */
async function start(databaseUrl, { SCIM_TOKEN_PEPPER: pepper }) {
  const pool = new Pool({ connectionString: databaseUrl, max: 10 });
  const isGood = async (value) => {
    const { rows } = await pool.query(READ, [value.split('_')[1]]);
    const [row] = rows;
    if (!row?.enabled || row.revoked_at || row.expires_at <= new Date()) return false;
    const mac = createHmac('sha256', pepper).update(value).digest();
    return timingSafeEqual(mac, Buffer.from(row.secret_mac, 'hex'));
  };
  const server = createServer((request, response) => {
    isGood(request.headers.authorization.slice('Bearer '.length)).then((good) => {
      response.writeHead(good ? 200 : 401, { 'content-type': 'application/json' });
      response.end('{"ok":true}');
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${server.address().port}` };
}

module.exports = { start };
