'use strict';
/**
 * What a check of a SCIM token costs, in one run on one database: a guarded route beside the same route
 * without a guard, the verifier on a hit, first sights beside a bare pg read, revocations seen by a second
 * instance, and memory. Prints a table and writes it to RESULTS.md. Needs a build (npm run build), the
 * development dependencies and node --expose-gc.
 */
const { randomUUID } = require('node:crypto');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { availableParallelism, cpus, tmpdir } = require('node:os');
const { join } = require('node:path');
const { performance } = require('node:perf_hooks');
const { setImmediate: turn, setTimeout: delay } = require('node:timers/promises');
const autocannon = require('autocannon');
const { Client, Pool } = require('pg');
const { startEmbeddedPostgres } = require('../dist/database/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const { ScimTokenVerifier } = require('../dist/index');
const { BcryptQueue } = require('../dist/scim-tokens/secret/bcrypt-queue');
const { mintSecret } = require('../dist/scim-tokens/secret/scim-token.secret');
const { SecretHasher } = require('../dist/scim-tokens/secret/secret-hasher');
const { startScimHost } = require('./servers/scim-host');

const SECONDS = Number(process.env.BENCH_SECONDS ?? 4);
const TOKENS = 100_000;
const READS = 10_000;
const PEPPER = 'bench-pepper-of-thirty-two-bytes-or-more';
const READ = `SELECT s.*, t.* FROM scim_token_secrets s JOIN scim_tokens t ON t.id = s.token_id
  WHERE s.lookup_id = $1`;
const lines = [];

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: folder });
  try {
    await runMigrations(database.url);
    const values = await seed(database.url);
    await reads(database.url, values);
    await memory(database.url, values);
    await hit(database.url, values);
    await routes(database.url, values);
    await revocations(database.url, values);
    report();
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes tokens as the service would, but for a bcrypt that nothing matches: each has a MAC. */
async function seed(url) {
  const hasher = new SecretHasher(
    { bcryptCost: 10, pepper: PEPPER, pepperPrevious: null },
    new BcryptQueue(),
  );
  const client = new Client(url);
  await client.connect();
  await client.query('SET session_replication_role = replica');
  const values = [];
  while (values.length < TOKENS) {
    const rows = Array.from({ length: 10_000 }, (_, at) => {
      const { value, lookupId } = mintSecret('scim');
      const { secretMac, pepperId } = hasher.betterMac(value, { secretMac: null, pepperId: null });
      const tenant = `tnt_${values.length + at}`;
      return {
        id: randomUUID(),
        token: randomUUID(),
        tenant,
        value,
        lookupId,
        secretMac,
        pepperId,
      };
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
      `INSERT INTO scim_token_secrets (id, token_id, format, lookup_id, secret_hash, secret_mac, pepper_id,
         last_four, created_at)
       SELECT (r->>'id')::uuid, (r->>'token')::uuid, 'native', r->>'lookupId', $2, r->>'secretMac',
         r->>'pepperId', right(r->>'value', 4), now() FROM json_array_elements($1::json) r`,
      [json, `$2b$10$${'a'.repeat(53)}`],
    );
  }
  await client.query('ANALYZE');
  await client.end();
  return values;
}

/** First sights with MAC beside a bare pg read of the same row, in turn. */
async function reads(url, values) {
  const pool = new Pool({ connectionString: url, max: 10 });
  const { app, verifier } = await start(url, { SCIM_TOKEN_CACHE_MAX: '0' });
  const bare = (value) => pool.query(READ, [value.slice(5, 17)]);
  const check = (value) => verifier.verify(value, { anyTenant: true });
  const rates = { bare: [], check: [] };
  for (let round = 0; round < 3; round++) {
    const some = values.slice(round * READS, (round + 1) * READS);
    rates.bare.push(await rateOf(bare, some));
    rates.check.push(await rateOf(check, some));
  }
  await app.close();
  await pool.end();
  const [limit, ours] = [median(rates.bare), median(rates.check)];
  line('bare pg read', `${Math.round(limit)}/s`, '');
  line('first sight with MAC', `${Math.round(ours)}/s = ${(ours / limit).toFixed(2)} ×`, '≥ 0.5 ×');
}

async function memory(url, values) {
  const { app, verifier } = await start(url, { SCIM_TOKEN_CACHE_TTL_SECONDS: '600' });
  for (let times = 0; times < 2_000; times++) await verifier.verify(values[0], { anyTenant: true });
  const idle = await heap();
  await rateOf((value) => verifier.verify(value, { anyTenant: true, ip: '192.0.2.1' }), values);
  const full = await heap();
  await app.close();
  line(`${TOKENS} cached tokens, forced GC`, `${(full - idle).toFixed(1)} MB of heap`, '≤ 60 MB');
}

async function hit(url, values) {
  const { app, verifier } = await start(url, { SCIM_TOKEN_CACHE_TTL_SECONDS: '600' });
  const options = { tenantId: 'tnt_0', ip: '192.0.2.1', userAgent: 'x', scopes: ['users:read'] };
  const times = 200_000;
  for (let at = 0; at < times; at++) await verifier.verify(values[0], options);
  const before = process.cpuUsage();
  for (let at = 0; at < times; at++) await verifier.verify(values[0], options);
  const { user, system } = process.cpuUsage(before);
  await app.close();
  line('verify on a hit', `${((user + system) / times).toFixed(1)} µs of CPU`, '< 10 µs');
}

/** Rounds in turn, so that a slow moment of the machine hits both alike. */
async function routes(url, values) {
  const { app, url: origin } = await start(url);
  const rates = { open: [], guarded: [] };
  for (let round = 0; round < 4; round++) {
    for (const kind of ['open', 'guarded']) {
      const before = process.cpuUsage();
      const result = await autocannon({
        url: `${origin}/tenants/tnt_0/${kind}`,
        connections: 32,
        duration: SECONDS,
        workers: 1,
        headers: { authorization: `Bearer ${values[0]}` },
      });
      const { user, system } = process.cpuUsage(before);
      if (result.non2xx + result.errors > 0) throw new Error(`${kind}: not all were answered`);
      // The first round warms up.
      if (round === 0) continue;
      rates[kind].push({
        rate: result.requests.average,
        cpu: (user + system) / result.requests.total,
        p50: result.latency.p50,
        p99: result.latency.p99,
      });
    }
  }
  await app.close();
  const [open, guarded] = [rates.open, rates.guarded].map((all) => {
    return all.sort((a, b) => a.rate - b.rate)[Math.floor(all.length / 2)];
  });
  const text = ({ rate, cpu, p50, p99 }) =>
    `${Math.round(rate)}/s, p50 ${p50} ms, p99 ${p99} ms, ${Math.round(cpu)} µs of CPU with the load's`;
  line('route without a guard', text(open), '');
  line('route behind the guard', text(guarded), '');
  line('guarded / unguarded', `${(guarded.rate / open.rate).toFixed(2)} ×`, '≥ 0.9 ×');
}

/** From the commit on one connection until another instance refuses. */
async function revocations(url, values) {
  const { app, verifier } = await start(url);
  const { RevocationChannel } = require('../dist/scim-tokens/verification/revocation-channel');
  const { name } = app.get(RevocationChannel, { strict: false });
  const client = new Client(url);
  await client.connect();
  const took = [];
  for (const value of values.slice(-200)) {
    const { tokenId } = await verifier.verify(value, { anyTenant: true });
    const uuid = tokenId.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    await client.query('BEGIN');
    await client.query(
      `UPDATE scim_tokens SET revoked_at = now(), revoked_by = 'bench' WHERE id = $1`,
      [uuid],
    );
    await client.query('SELECT pg_notify($1, $2)', [name, `evict ${uuid}`]);
    await client.query('COMMIT');
    const began = performance.now();
    while (
      await verifier.verify(value, { anyTenant: true }).then(
        () => true,
        () => false,
      )
    ) {
      await turn();
    }
    took.push(performance.now() - began);
  }
  await client.end();
  await app.close();
  took.sort((a, b) => a - b);
  const [p50, p99] = [took[100], took[198]].map((ms) => ms.toFixed(1));
  line('revocation at another instance', `p50 ${p50} ms, p99 ${p99} ms`, 'p99 ≤ 100 ms');
}

async function start(url, env = {}) {
  const host = await startScimHost(url, { SCIM_TOKEN_PEPPER: PEPPER, ...env });
  return { ...host, verifier: host.app.get(ScimTokenVerifier, { strict: false }) };
}

/** Calls a second, 32 at a time. */
async function rateOf(call, values) {
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < values.length) await call(values[next++]);
    }),
  );
  return (values.length * 1000) / (performance.now() - began);
}

async function heap() {
  for (let times = 0; times < 4; times++) {
    globalThis.gc();
    await delay(50);
  }
  return process.memoryUsage().heapUsed / 1e6;
}

function median(rates) {
  return [...rates].sort((a, b) => a - b)[Math.floor(rates.length / 2)];
}

function line(what, measured, wanted) {
  lines.push(`| ${what} | ${measured} | ${wanted} |`);
  console.log(lines.at(-1));
}

function report() {
  writeFileSync(
    join(__dirname, 'RESULTS.md'),
    `# What a check costs

\`npm run bench:verification\` in \`bench/\`, ${new Date().toISOString().slice(0, 10)}: Node ${process.version},
embedded PostgreSQL, ${availableParallelism()} × ${cpus()[0]?.model}, load and database on the same machine,
${TOKENS} tokens. Only ratios within one run mean something.

| what | measured | wanted |
|---|---|---|
${lines.join('\n')}
`,
  );
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
