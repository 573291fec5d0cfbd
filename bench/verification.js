'use strict';
/**
 * What a check of a SCIM token costs, in one run on one database: a guarded route beside the same route
 * without a guard, beside a bare node:http + pg check and better-auth's; good callers in a flood of
 * forgeries; then the verifier alone: hits, first sights, a round robin without pepper, revocations, memory.
 * Prints two tables and writes them to RESULTS.md. Needs a build (npm run build), the development
 * dependencies and node --expose-gc.
 */
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { availableParallelism, cpus, tmpdir } = require('node:os');
const { join } = require('node:path');
const { Client } = require('pg');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const alone = require('./verification/in-process');
const { SECONDS, load, measure, send, startServer } = require('./verification/load');
const { PEPPER, forge, seed, seedAccessTokens } = require('./verification/seed');
const { dependencies } = require('./package.json');

const TOKENS = 10_000;
const CACHED = 100_000;
const USED = 20;
/** In turn within a fraction of the cache's seconds, unlike all of them. */
const IN_USE = 1_000;
const ROUNDS = 9;
const FORGERIES = 20_000;
const routeRows = [];
const checkRows = [];

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: folder });
  const { url } = database;
  try {
    await runMigrations(url);
    const values = await seed(url, TOKENS);
    await routes(url, values);
    await peers(url, values);
    await floods(url, values);
    await checks(url, values);
    report((await query(url, 'SHOW server_version')).server_version);
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rounds in turn, so that a slow moment of the machine hits both alike; the one of the median ratio. */
async function routes(url, values) {
  const host = await startServer('scim-host.js', url, { SCIM_TOKEN_PEPPER: PEPPER });
  const [open, guarded] = ['open', 'guarded'].map((name) => requestsOf(values.slice(0, 1), name));
  for (const requests of [open, guarded]) await send(host, requests, { duration: 5 });
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [without, behind] = [
      await measure(host, open, { duration: 2 }),
      await measure(host, guarded, { duration: 2 }),
    ];
    rounds.push({ without, behind, ratio: behind.rate / without.rate });
  }
  await host.stop();
  const { without, behind, ratio } = rounds.sort((a, b) => a.ratio - b.ratio)[ROUNDS >> 1];
  row('a route without a guard', without);
  row('the same behind the guard, cached', behind, ratio, 'of that; ≥ 0.9 ×');
}

/** All that a request costs whose token is checked: ours beside others on the same database. */
async function peers(url, values) {
  const env = { SCIM_TOKEN_PEPPER: PEPPER };
  const requests = requestsOf(values);
  const run = async (file, variables, requests) => {
    const server = await startServer(file, url, variables);
    const result = await load(server, requests);
    await server.stop();
    return result;
  };
  const limit = await run('raw-check.js', env, requests);
  const uncached = { ...env, SCIM_TOKEN_CACHE_MAX: '0' };
  const first = await run('scim-host.js', uncached, requests);
  const usual = await run('scim-host.js', env, requests.slice(0, IN_USE));
  const theirs = await startServer('better-auth.mjs', url);
  const path = '/api/auth/scim/v2/Users';
  const others = theirs.tokens.map((token) => ({ token, path }));
  const peer = await load(theirs, others, { status: 403 });
  await theirs.stop();
  row(`node:http + pg, one read and one MAC: the limit`, limit);
  row('guard, each a first sight with MAC', first, first.rate / limit.rate, 'of the limit');
  row(`guard, ${IN_USE} tokens in use, cached`, usual, usual.rate / limit.rate, 'of the limit');
  row('better-auth with @better-auth/scim', peer, peer.rate / limit.rate, 'of the limit');
  check('guard against better-auth', `${(usual.rate / peer.rate).toFixed(1)} ×`, '≥ 5 ×');
}

/** Good callers' answers while as many others send forgeries, against as many good ones instead. */
async function floods(url, values) {
  const good = requestsOf(values.slice(0, USED));
  const forged = requestsOf(
    Array.from({ length: FORGERIES }, (_, at) => forge(values[at % values.length])),
  );
  for (const [name, pepper, wanted] of [
    ['with a pepper', PEPPER, '≥ 0.7 ×'],
    ['without', '', '≥ 0.4 ×'],
  ]) {
    const run = async (others) => {
      const host = await startServer('scim-host.js', url, { SCIM_TOKEN_PEPPER: pepper });
      // Each good value is proven before the flood begins.
      await send(host, good, { amount: 5 * USED, connections: 2 });
      const [result] = await Promise.all([
        measure(host, good, { connections: 8 }),
        send(host, others, { connections: 8, duration: SECONDS }),
      ]);
      await host.stop();
      return result;
    };
    const calm = await run(good);
    const flooded = await run(forged);
    row(`good callers beside good ones, ${name}`, calm);
    row('good callers in a flood', flooded, flooded.rate / calm.rate, `of that; ${wanted}`);
  }
}

/** The tokens at their tenants' routes. */
function requestsOf(values, name = 'guarded') {
  return values.map((token, at) => ({ token, path: `/tenants/tnt_${at % TOKENS}/${name}` }));
}

async function checks(url, values) {
  const micros = await alone.hit(url, values);
  check('a hit', `${micros.toFixed(1)} µs of CPU`, '< 10 µs');
  const { bare, ours } = await alone.firstSights(url, values);
  check('bare pg read', `${Math.round(bare)}/s`, '');
  const ratio = (ours / bare).toFixed(2);
  check('first sight with MAC', `${Math.round(ours)}/s = ${ratio} × the read`, '≥ 0.5 ×');
  const accessTokens = await seedAccessTokens(url, TOKENS);
  const theirs = await alone.hit(url, accessTokens);
  check('a hit, access token', `${theirs.toFixed(1)} µs of CPU`, 'as a value’s');
  const seen = await alone.firstSights(url, accessTokens);
  const times = (seen.ours / ours).toFixed(2);
  check(
    'first sight of an access token',
    `${Math.round(seen.ours)}/s = ${times} × a value’s`,
    '1 ×',
  );
  const bcrypt = await alone.bcryptSights(url, values);
  check('first sight with bcrypt, cost 10', `${bcrypt.toFixed(0)} ms`, '');
  const { p50, p99 } = await alone.revocations(url, values);
  check(
    'revocation at another process',
    `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
    'p99 ≤ 100 ms',
  );
  const used = values.slice(0, -alone.REVOCATIONS);
  const runs = await alone.roundRobin(url, used);
  check(`bcrypts a token, ${used.length} tokens in turn, no pepper`, runs.toFixed(4), '1');
  const more = await seed(url, CACHED - used.length, TOKENS);
  const megabytes = await alone.memory(url, [...used, ...more]);
  check(`heap of ${CACHED} cached tokens`, `${megabytes.toFixed(1)} MB`, '≤ 60 MB');
}

function row(name, { rate, p50, p99, cpu }, ratio, of = '') {
  const relative = ratio === undefined ? '' : `${ratio.toFixed(2)} ${of}`;
  const cells = [name, Math.round(rate), p50, p99, Math.round(cpu), relative];
  routeRows.push(`| ${cells.join(' | ')} |`);
  console.log(routeRows.at(-1));
}

function check(name, measured, wanted) {
  checkRows.push(`| ${name} | ${measured} | ${wanted} |`);
  console.log(checkRows.at(-1));
}

function report(postgres) {
  const versions = Object.entries(dependencies).map(([name, version]) => `${name} ${version}`);
  writeFileSync(
    join(__dirname, 'RESULTS.md'),
    `# What a check costs

Reads beside a bare handler, bare Nest and FastAPI, the guard beside a bare route and better-auth, and PgBouncer are one
command, some 8 minutes, which writes \`RESULTS-READS.md\`: \`npm run bench\` in \`bench/\` after \`npm run build\`, with
\`BENCH_BEFORE\` the folder of a built older tree to compare the CPU with it. It needs Debian's python3-fastapi, python3-uvicorn,
python3-asyncpg, python3-jwt, python3-uvloop, python3-httptools and pgbouncer, and says what it left out.

\`npm run bench:verification\` in \`bench/\`, ${new Date().toISOString().slice(0, 10)}: Node ${process.version},
PostgreSQL ${postgres}, ${availableParallelism()} × ${cpus()[0]?.model}, load and database on the same machine;
${versions.join(', ')}. ${TOKENS} tokens of as many tenants
in the table, used in turn. Only ratios within one run mean something.

| request | requests/s | p50 ms | p99 ms | CPU µs | ratio |
|---|---|---|---|---|---|
${routeRows.join('\n')}

CPU is that of the server's process alone, a request. In a flood requests/s are the good callers', CPU is
that of all requests. better-auth's tokens lack the scope that its route needs: it answers 403 once it has
checked the value, and reads nothing else.

| check | measured | wanted |
|---|---|---|
${checkRows.join('\n')}
`,
  );
}

async function query(url, sql) {
  const client = new Client(url);
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return rows[0];
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
