// Measures creates, look-ups and first pages over HTTP beside the bare statement: see the README.
//   BASE_URL=… TOKEN=… DATABASE_URL=… node bench.mjs
import { Agent, request } from 'node:http';
import pg from 'pg';

const { BASE_URL, TOKEN, DATABASE_URL, SECONDS = '5', USERS = '100000' } = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 16 });
const tenant = decodeURIComponent(BASE_URL.split('/').at(-3));
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/scim+json' };
const run = Date.now();

const seed = (count) =>
  pool.query(
    `WITH made AS (
       INSERT INTO scim_users (tenant_id, id, user_name_key, email_keys, document, version, created_at, updated_at)
       SELECT $1, gen_random_uuid(), 'seed-' || n, '{}', jsonb_build_object('userName', 'seed-' || n, 'active', true), 1, now(), now()
       FROM generate_series((SELECT count(*) + 1 FROM scim_users WHERE tenant_id = $1), $2::int) AS n
       ON CONFLICT DO NOTHING RETURNING id)
     INSERT INTO scim_resource_counts AS c SELECT $1, 'User', 0, count(*) FROM made
     ON CONFLICT (tenant_id, resource_type, shard) DO UPDATE SET count = c.count + excluded.count`,
    [tenant, count],
  );

async function perSecond(work) {
  const end = Date.now() + Number(SECONDS) * 1000;
  let done = 0;
  const worker = async () => {
    while (Date.now() < end) await work((done += 1));
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return Math.round(done / Number(SECONDS));
}

// Not fetch, whose own work on the same cores would be half of what is measured.
const agent = new Agent({ keepAlive: true });
function http(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request(`${BASE_URL}${path}`, { method, headers, agent }, (response) => {
      const failed = response.statusCode >= 300;
      response.once(
        'end',
        failed ? () => reject(new Error(`${path}: ${response.statusCode}`)) : resolve,
      );
      response.resume();
    });
    sent.once('error', reject).end(body);
  });
}

const page = () => http('GET', '/Users?count=100');
await seed(1_000);
await pool.query('ANALYZE scim_users');
const small = await perSecond(page);
await seed(Number(USERS));
await pool.query('ANALYZE scim_users');
const large = await perSecond(page);
const lookUp = await perSecond((n) =>
  http('GET', `/Users?filter=${encodeURIComponent(`userName eq "seed-${n % Number(USERS)}"`)}`),
);
const bare = await perSecond((n) =>
  pool.query('SELECT document FROM scim_users WHERE tenant_id = $1 AND user_name_key = lower($2)', [
    tenant,
    `seed-${n % Number(USERS)}`,
  ]),
);
const create = await perSecond((n) =>
  http('POST', '/Users', JSON.stringify({ userName: `made-${run}-${n}`, active: true })),
);
console.table({
  'page of 100, 1,000 users': { 'a second': small },
  'page of 100, all users': { 'a second': large, ratio: (small / large).toFixed(2) },
  'userName eq': { 'a second': lookUp, ratio: (lookUp / bare).toFixed(2) },
  'the bare statement': { 'a second': bare },
  create: { 'a second': create },
});
await pool.end();
