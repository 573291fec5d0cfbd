'use strict';
/** What is measured without HTTP: in the process of the verifier itself. */
const { performance } = require('node:perf_hooks');
const { setImmediate: turn, setTimeout: delay } = require('node:timers/promises');
const { Client, Pool } = require('pg');
const { ScimTokenVerifier } = require('../../dist/index');
const { BcryptQueue } = require('../../dist/secrets/bcrypt-queue');
const { RevocationChannel } = require('../../dist/verification/revocation-channel');
const scimHost = require('../servers/scim-host');
const { PEPPER, cheapen } = require('./seed');

const READS = 3_000;
const SIGHT_ROUNDS = 9;
const BCRYPTS = 40;
const REVOCATIONS = 200;
const READ = `SELECT s.*, t.* FROM scim_token_secrets s JOIN scim_tokens t
  ON t.tenant_id = s.tenant_id AND t.id = s.token_id
  WHERE s.lookup_id = $1`;
const ANY = { anyTenant: true };

/** CPU of a check whose state is remembered, in microseconds. */
async function hit(url, values) {
  const { app, verifier } = await start(url);
  const options = { tenantId: 'tnt_0', ip: '192.0.2.1', userAgent: 'x', scopes: ['users:read'] };
  const times = 200_000;
  const round = async () => {
    for (let at = 0; at < times; at++) await verifier.verify(values[0], options);
  };
  await round();
  const before = process.cpuUsage();
  await round();
  const { user, system } = process.cpuUsage(before);
  await app.close();
  return (user + system) / times;
}

/** First sights with MAC beside bare pg reads of the same rows, in turn, after a round of each to warm up; both a second. */
async function firstSights(url, values) {
  const pool = new Pool({ connectionString: url, max: 10 });
  const { app, verifier } = await start(url, { SCIM_TOKEN_CACHE_MAX: '0' });
  const bareRead = (value) =>
    pool.query({ name: 'read', text: READ, values: [value.split('_')[1]] });
  const rates = { bare: [], ours: [] };
  for (let round = 0; round <= SIGHT_ROUNDS; round++) {
    const from = (round * READS) % values.length;
    const some = values.slice(from, from + READS);
    const bare = await rateOf(bareRead, some);
    const ours = await rateOf((value) => verifier.verify(value, ANY), some);
    if (round === 0) continue;
    rates.bare.push(bare);
    rates.ours.push(ours);
  }
  await app.close();
  await pool.end();
  return { bare: median(rates.bare), ours: median(rates.ours) };
}

/** First sights with bcrypt of cost 10, one after the other; milliseconds. */
async function bcryptSights(url, values) {
  const { app, verifier } = await start(url, { SCIM_TOKEN_PEPPER: '' });
  const took = [];
  for (const value of values.slice(0, BCRYPTS)) {
    const began = performance.now();
    await verifier.verify(value, ANY);
    took.push(performance.now() - began);
  }
  await app.close();
  return median(took);
}

/**
 * bcrypts a token costs where all are used in turn without a pepper, over two rounds that are further apart
 * than states live. The tokens' bcrypt is made the cheapest there is: how many run is asked, not how long.
 */
async function roundRobin(url, values) {
  await cheapen(url);
  const { app, verifier } = await start(url, { SCIM_TOKEN_PEPPER: '' });
  const queue = app.get(BcryptQueue, { strict: false });
  const check = queue.check.bind(queue);
  let runs = 0;
  queue.check = (key, work) =>
    check(key, () => {
      runs += 1;
      return work();
    });
  await rateOf((value) => verifier.verify(value, ANY), values);
  await delay(5_000);
  await rateOf((value) => verifier.verify(value, ANY), values);
  await app.close();
  return runs / values.length;
}

/** Milliseconds from a revocation's commit elsewhere until this process refuses. */
async function revocations(url, values) {
  const { app, verifier } = await start(url);
  const { name } = app.get(RevocationChannel, { strict: false });
  const client = new Client(url);
  await client.connect();
  const took = [];
  for (const value of values.slice(-REVOCATIONS)) {
    const { tokenId } = await verifier.verify(value, ANY);
    const uuid = tokenId.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    await client.query('BEGIN');
    await client.query(
      `UPDATE scim_tokens SET revoked_at = now(), revoked_by = 'bench' WHERE id = $1`,
      [uuid],
    );
    await client.query('SELECT pg_notify($1, $2)', [name, `evict ${uuid}`]);
    await client.query('COMMIT');
    const began = performance.now();
    const isAccepted = () => verifier.verify(value, ANY).then(Boolean, () => false);
    while (await isAccepted()) await turn();
    took.push(performance.now() - began);
  }
  await client.end();
  await app.close();
  took.sort((a, b) => a - b);
  return { p50: median(took), p99: took[Math.floor(took.length * 0.99)] };
}

/** Megabytes of heap that these values take once they are remembered and their use is written. */
async function memory(url, values) {
  const { app, verifier } = await start(url, { SCIM_TOKEN_CACHE_TTL_SECONDS: '600' });
  for (let times = 0; times < 2_000; times++) await verifier.verify(values[0], ANY);
  const idle = await heap();
  await rateOf((value) => verifier.verify(value, { ...ANY, ip: '192.0.2.1' }), values);
  const full = await heap();
  await app.close();
  return full - idle;
}

async function start(url, env = {}) {
  const { app } = await scimHost.start(url, { SCIM_TOKEN_PEPPER: PEPPER, ...env });
  return { app, verifier: app.get(ScimTokenVerifier, { strict: false }) };
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

function median(numbers) {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

module.exports = { REVOCATIONS, bcryptSights, firstSights, hit, memory, revocations, roundRobin };
