'use strict';
/**
 * What a refused assertion costs: the check alone, in this process, and the service's token endpoint, with and
 * without 1,000 refused ones a second beside good callers: how long those wait, who come at a pace, and how many
 * get through, who come as fast as they are answered. Prints tables and writes them to RESULTS-ASSERTIONS.md.
 * Needs a build (npm run build) and the development dependencies.
 */
const { generateKeyPairSync, randomUUID } = require('node:crypto');
const { once } = require('node:events');
const { createServer } = require('node:http');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { availableParallelism, cpus, loadavg, tmpdir } = require('node:os');
const { join } = require('node:path');
const autocannon = require('autocannon');
const { sign } = require('jsonwebtoken');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const { SystemClock } = require('../dist/core/clock');
const { TrustedIssuers } = require('../dist/core/trusted-issuers');
const { AssertionVerifier } = require('../dist/oauth/assertions/assertion-verifier');
const { IssuersKeys } = require('../dist/oauth/assertions/issuers-keys');
const { Client } = require('pg');
const { paced } = require('./paced');
const { startServer } = require('./verification/load');

const JWT_SECRET = 'bench-secret-of-thirty-two-bytes-or-more';
const PATH = '/api/v1/scim-tokens/oauth/token';
const KID = 'bench';
const APP = 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43';
const SUBJECT = '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24';
const CHECKS = 20_000;
/** Clients that the good callers are. */
const CLIENTS = 3_000;
const ROUNDS = 5;
const SECONDS = 4;
const REFUSED_A_SECOND = 1_000;
/** Good callers at a pace: 360,000 connections that fetch an access token an hour. */
const GOOD_A_SECOND = 100;
const PACED_SECONDS = 8;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

async function main() {
  let fetches = 0;
  const keys = createServer((_, response) => {
    fetches += 1;
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: KID, use: 'sig' };
    response.end(JSON.stringify({ keys: [jwk] }));
  }).listen(0, '127.0.0.1');
  await once(keys, 'listening');
  const issuers = [
    {
      issuer: 'https://login.microsoftonline.com/{tenant_id}/v2.0',
      jwks_uri: `http://127.0.0.1:${keys.address().port}/{tenant_id}/keys`,
    },
  ];
  const alone = await checks(issuers, () => fetches);
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const file = join(folder, 'issuers.json');
  writeFileSync(file, JSON.stringify({ issuers }));
  const database = await startEmbeddedPostgres({ dataDir: join(folder, 'data') });
  try {
    await runMigrations(database.url);
    const server = await startServer('token-endpoint.js', database.url, {
      SCIM_OAUTH_ISSUERS_FILE: file,
      JWT_SECRET,
    });
    try {
      const callers = await callersOf(server.url);
      await send(server.url, callers.good, { connections: 16 });
      await analyse(database.url);
      report(alone, await waits(server.url, callers), await crowds(server.url, callers));
    } finally {
      await server.stop();
    }
  } finally {
    await database.stop();
    keys.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Microseconds of CPU a check, by what is checked; and how often keys were fetched. */
async function checks(issuers, fetches) {
  const trusted = new TrustedIssuers({ issuers });
  const verifier = new AssertionVerifier(trusted, new IssuersKeys(trusted), new SystemClock(), {
    baseUrlTemplate: 'https://scim.example.com/{tenant_id}/v2',
  });
  const ours = identity();
  const wrong = assertion(ours, { sub: randomUUID() });
  const cost = async (text) => {
    const round = async () => {
      const before = process.cpuUsage();
      for (let i = 0; i < CHECKS; i++) {
        await verifier.verify(text, { tenant_id: 'tnt_a', trust: ours }).catch(() => undefined);
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / CHECKS;
    };
    await round();
    return round();
  };
  const stranger = await cost(wrong);
  const fetched = fetches();
  const good = await cost(assertion(ours));
  const signed = await cost(wrong);
  return { stranger, fetched, good, signed, fetchedInAll: fetches() };
}

/** Requests of the good callers, and the refused one. */
async function callersOf(url) {
  const good = [];
  const trust = identity();
  // Of so many each has less than the 50 access tokens from which on the oldest go: they come by the hour.
  for (let client = 0; client < CLIENTS; client++) good.push(await request(url, client, trust));
  const [one] = good;
  return { good, bad: [{ ...one, body: one.body.replace(/client_assertion=.*/, one.wrong) }] };
}

/** How long good callers at a pace wait, with and without refused ones at theirs, in turn. */
async function waits(url, { good, bad }) {
  const calm = () =>
    paced(url, { requests: good, perSecond: GOOD_A_SECOND, seconds: PACED_SECONDS, status: 200 });
  const refused = () =>
    paced(url, { requests: bad, perSecond: REFUSED_A_SECOND, seconds: PACED_SECONDS, status: 401 });
  await refused();
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await calm();
    const [beside] = await Promise.all([calm(), refused()]);
    rounds.push({ without, beside, ratio: beside.p50 / without.p50 });
    console.log(`p50 ${beside.p50.toFixed(1)} ms after ${without.p50.toFixed(1)} ms`);
  }
  return medianOf(rounds);
}

/** Good callers as fast as they are answered, with and without a crowd of refused ones, in turn. */
async function crowds(url, { good, bad }) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await send(url, good, { connections: 16 });
    const [beside, refused] = await Promise.all([
      send(url, good, { connections: 16 }),
      send(url, bad, { connections: 16, overallRate: REFUSED_A_SECOND }),
    ]);
    for (const [status, { statuses }] of [
      ['200', without],
      ['200', beside],
      ['401', refused],
    ]) {
      if (Object.keys(statuses).join() !== status) throw new Error(JSON.stringify(statuses));
    }
    rounds.push({ without, beside, refused, ratio: beside.rate / without.rate });
    console.log(`${Math.round(beside.rate)}/s beside ${Math.round(refused.rate)} refused`);
  }
  return medianOf(rounds);
}

async function send(url, requests, options) {
  const result = await autocannon({ url, requests, duration: SECONDS, ...options });
  return { rate: result.requests.average, ...result.latency, statuses: result.statusCodeStats };
}

/** The round of the median ratio. */
function medianOf(rounds) {
  return rounds.sort((a, b) => a.ratio - b.ratio)[rounds.length >> 1];
}

/**
 * As a database does by itself within the minute. Until then the statements go by plans that were made for empty
 * tables, and read all of them.
 */
async function analyse(databaseUrl) {
  const client = new Client(databaseUrl);
  await client.connect();
  await client.query('ANALYZE');
  await client.end();
}

async function request(url, client, trust) {
  const jwt = sign({ sub: 'bench', role: 'tenant_admin', tenant_id: `tnt_${client}` }, JWT_SECRET, {
    expiresIn: '1h',
  });
  const { issuer, subject, audience } = trust;
  const answer = await fetch(`${url}/api/v1/admin/scim-tokens/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      name: 'bench',
      scopes: ['users:read'],
      auth_method: 'workload_identity',
      trust: { issuer, subject, audience },
    }),
  });
  const { client_id: id } = await answer.json();
  const type = encodeURIComponent('urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  return {
    method: 'POST',
    path: PATH,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `grant_type=client_credentials&client_id=${id}&client_assertion_type=${type}&client_assertion=${assertion(trust)}`,
    wrong: `client_assertion=${assertion(trust, { aud: randomUUID() })}`,
  };
}

function identity() {
  return {
    issuer: `https://login.microsoftonline.com/${randomUUID()}/v2.0`,
    subject: SUBJECT,
    audience: APP,
    tenant_id: null,
    authorized_party: null,
  };
}

function assertion({ issuer }, changes = {}) {
  const [tid] = issuer.match(/[0-9a-f-]{36}/);
  const claims = { aud: APP, iss: issuer, sub: SUBJECT, tid, uti: randomUUID(), ver: '2.0' };
  return sign({ ...claims, ...changes }, privateKey, {
    algorithm: 'RS256',
    keyid: KID,
    expiresIn: '1h',
  });
}

function report(alone, waiting, { without, beside, refused, ratio }) {
  const ms = ({ mean, p50, p90, p99 }) =>
    [mean, p50, p90, p99].map((time) => time.toFixed(1)).join(' | ');
  const text = `# What a refused assertion costs

\`npm run bench:assertions\` in \`bench/\`, ${new Date().toISOString().slice(0, 10)}: Node ${process.version},
${availableParallelism()} × ${cpus()[0]?.model}, load, keys and database on the same machine (load average ${Math.round(loadavg()[0])}).
RS256, 2048 bits. Only ratios within one run mean something.

| check, alone | CPU µs | fetches |
|---|---|---|
| wrong subject, no key at hand | ${Math.round(alone.stranger)} (≤ 150) | ${alone.fetched} |
| wrong subject, its signature checked for the hint | ${Math.round(alone.signed)} (≤ 150) | 0 |
| a good one | ${Math.round(alone.good)} | ${alone.fetchedInAll} in all |

Good callers at a pace, ${GOOD_A_SECOND} a second, which are ${(GOOD_A_SECOND * 3600).toLocaleString('en')} connections that fetch an access token an hour; beside them
${REFUSED_A_SECOND} refused a second, at their pace, too. The round of the median ratio of ${ROUNDS}:

| what a good caller waits for | mean ms | p50 ms | p90 ms | p99 ms | ratio of p50 | of the means |
|---|---|---|---|---|---|---|
| alone | ${ms(waiting.without)} | | |
| beside ${REFUSED_A_SECOND} refused a second | ${ms(waiting.beside)} | ${waiting.ratio.toFixed(2)} (≤ 1.33) | ${(waiting.beside.mean / waiting.without.mean).toFixed(2)} |

Good callers as fast as they are answered, 16 at once: what is left of a machine that is full either way. The
refused ones take of it what any request with one read does. The round of the median ratio of ${ROUNDS}:

| token endpoint | good/s | p50 ms | p99 ms | ratio of good/s |
|---|---|---|---|---|
| good callers alone | ${Math.round(without.rate)} | ${without.p50} | ${without.p99} | |
| beside ${Math.round(refused.rate)} refused a second | ${Math.round(beside.rate)} | ${beside.p50} | ${beside.p99} | ${ratio.toFixed(2)} |
`;
  console.log(text);
  writeFileSync(join(__dirname, 'RESULTS-ASSERTIONS.md'), text);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
