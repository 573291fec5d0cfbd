'use strict';
const { createHmac, randomUUID } = require('node:crypto');
const { crc32 } = require('node:zlib');
const { hash } = require('bcrypt');
const { Client } = require('pg');
const { mintAccessToken, mintSecret } = require('../../dist/secrets/scim-token.secret');
const { pepperFrom } = require('../../dist/secrets/secret-hasher');

const PEPPER = 'bench-pepper-of-thirty-two-bytes-or-more';
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BATCH = 10_000;

/** The random part that all values share: one bcrypt is then good for all, and seeding takes seconds. */
const { random: RANDOM } = mintSecret('scim');

/**
 * Writes tokens as the service would, `tnt_0` and so on: each has bcrypt of cost 10 and a MAC. Without the
 * pepper bcrypt decides: the MAC is one of a pepper that is not known.
 */
async function seed(url, count, from = 0) {
  const pepperId = pepperFrom(PEPPER).id;
  const secretHash = await hash(RANDOM, 10);
  const client = new Client(url);
  await client.connect();
  const values = [];
  while (values.length < count) {
    const rows = Array.from({ length: Math.min(BATCH, count - values.length) }, (_, at) => {
      const { lookupId } = mintSecret('scim');
      const value = valueOf(lookupId, RANDOM);
      const mac = createHmac('sha256', PEPPER).update(value).digest('hex');
      const tenant = `tnt_${from + values.length + at}`;
      return { id: randomUUID(), token: randomUUID(), tenant, value, lookupId, mac };
    });
    values.push(...rows.map(({ value }) => value));
    const json = JSON.stringify(rows);
    await client.query(
      `INSERT INTO scim_tokens (id, tenant_id, name, token_prefix, last_four, scopes, allowed_ips, enabled,
         expires_at, created_at, updated_at, created_by, version)
       SELECT (r->>'token')::uuid, r->>'tenant', 'bench', 'scim_' || (r->>'lookupId'), right(r->>'value', 4),
         '{users:read,users:write,groups:read,groups:write}', '{}', true, now() + interval '1 year', now(),
         now(), 'bench', 1 FROM json_array_elements($1::json) r`,
      [json],
    );
    await client.query(
      `INSERT INTO scim_token_secrets (tenant_id, id, token_id, format, lookup_id, secret_hash, secret_mac, pepper_id,
         last_four, created_at)
       SELECT r->>'tenant', (r->>'id')::uuid, (r->>'token')::uuid, 'native', r->>'lookupId', $2, r->>'mac', $3,
         right(r->>'value', 4), now() FROM json_array_elements($1::json) r`,
      [json, secretHash, pepperId],
    );
  }
  await client.query('ANALYZE');
  await client.end();
  return values;
}

/** An access token of each of the first tokens, as the token endpoint would store it. */
async function seedAccessTokens(url, count) {
  const client = new Client(url);
  await client.connect();
  const minted = Array.from({ length: count }, (_, at) => {
    return { ...mintAccessToken('scim'), id: randomUUID(), tenant: `tnt_${at}` };
  });
  await client.query(
    `INSERT INTO scim_token_access_tokens (tenant_id, id, token_id, lookup_id, value_hash, last_four, scopes,
       issued_at, expires_at)
     SELECT t.tenant_id, (r->>'id')::uuid, t.id, r->>'lookupId', r->>'valueHash', r->>'lastFour', t.scopes,
       now(), now() + interval '6 hours'
     FROM json_array_elements($1::json) r JOIN scim_tokens t ON t.tenant_id = r->>'tenant'`,
    [JSON.stringify(minted)],
  );
  await client.query('ANALYZE scim_token_access_tokens');
  await client.end();
  return minted.map(({ value }) => value);
}

/** Gives every value a bcrypt of the lowest cost that there is. */
async function cheapen(url) {
  const client = new Client(url);
  await client.connect();
  await client.query('UPDATE scim_token_secrets SET secret_hash = $1', [await hash(RANDOM, 4)]);
  await client.end();
}

/** A value under a good one's lookup id, with the right checksum, that is not the good one. */
function forge(value) {
  return valueOf(value.split('_')[1], mintSecret('scim').random);
}

function valueOf(lookupId, random) {
  const body = `scim_${lookupId}_${random}`;
  let rest = crc32(body);
  let checksum = '';
  for (let at = 0; at < 6; at++) {
    checksum = BASE62[rest % 62] + checksum;
    rest = Math.floor(rest / 62);
  }
  return body + checksum;
}

module.exports = { PEPPER, cheapen, forge, seed, seedAccessTokens };
