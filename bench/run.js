'use strict';
/**
 * Reading one token and listing 20, in one run on one database, in rounds in turn: a hand-written node:http
 * handler, the same on bare Nest, FastAPI with asyncpg, the service, and the service as it was before
 * (BENCH_BEFORE: a built tree of it), which all give the same answers; the service through PgBouncer; and the guard
 * beside the same route without, and beside better-auth. Writes RESULTS-READS.md. Needs a build (npm run build),
 * the development dependencies, and Debian's python3-fastapi, python3-uvicorn, python3-asyncpg, python3-jwt,
 * python3-uvloop, python3-httptools and pgbouncer, or says what it left out.
 */
const { deepStrictEqual } = require('node:assert');
const { execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { availableParallelism, cpus, loadavg, tmpdir } = require('node:os');
const { join } = require('node:path');
const { Client } = require('pg');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');
const { startPooler } = require('./pooler');
const {
  ask,
  create,
  freePort,
  JWT_SECRET,
  load,
  measure,
  PATH,
  postmasterOf,
  start,
  stop,
} = require('./processes');
const alone = require('./verification/in-process');
const guard = require('./verification/load');
const { PEPPER, seed } = require('./verification/seed');

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
const SECONDS = Number(process.env.BENCH_SECONDS ?? 2);
/** Until the compiler has settled: code is slow at first, and there is more of it in some than in others. */
const WARM_UP_SECONDS = 4;
const TOKENS = 10_000;
const IN_USE = 1_000;
const PYTHON = '/usr/bin/python3';
const BARE = 'node:http + pg';
const SERVICE = 'the service';
const BEFORE = 'the service before';
const FASTAPI = 'FastAPI + asyncpg';

const node = (file) => () => [process.execPath, join(__dirname, file)];
const SERVERS = {
  [BARE]: node('servers/node-http.js'),
  'bare Nest + pg': node('servers/nest.js'),
  [FASTAPI]: hasFastApi() && fastApi,
  [SERVICE]: node('../dist/main.js'),
  [BEFORE]:
    process.env.BENCH_BEFORE &&
    (() => [process.execPath, join(process.env.BENCH_BEFORE, 'dist/main.js')]),
};
const left = [];
const targets = [];
const tables = [];

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: folder });
  const client = new Client(database.url);
  try {
    await runMigrations(database.url);
    await client.connect();
    const env = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://scim.example.com',
      DATABASE_URL: database.url,
      JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: '0',
      SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '100000',
    };
    const id = await fill(env);
    await reads(env, id, await postmasterOf(client));
    await pooled(env, id, await postmasterOf(client));
    await guarded(database.url);
    const { rows } = await client.query('SHOW server_version');
    report(rows[0].server_version);
  } finally {
    await client.end();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A hundred tokens of one tenant; the id of one. */
async function fill(env) {
  const service = await start(SERVERS[SERVICE], env, await freePort());
  const ids = [];
  for (let i = 0; i < 100; i++) ids.push((await create(service.url, 'tnt_a')).id);
  await stop(service);
  return ids[50];
}

async function reads(env, id, postmaster) {
  const commands = Object.entries(SERVERS).filter(([name, command]) => {
    if (!command) left.push(name);
    return command;
  });
  const results = await inTurn(commands, (command) => ({ command, env }), id, postmaster);
  const bare = results[BARE];
  const rows = Object.entries(results).map(([name, { get, list }]) => [
    name,
    ...[get, list].flatMap(({ rate, server, postgres }, at) => [
      Math.round(median(rate)),
      ratioOf(rate, bare[at === 0 ? 'get' : 'list'].rate),
      spreadOf(rate),
      Math.round(median(server)),
      Math.round(median(postgres)),
    ]),
  ]);
  table(
    `Reads: one by its id, and a list of 20`,
    [
      '',
      ...['by id', 'list'].flatMap((kind) => [
        `${kind}/s`,
        'ratio',
        'quartiles',
        'CPU µs',
        'PostgreSQL µs',
      ]),
    ],
    rows,
  );
  const ours = results[SERVICE];
  target('read by id against bare node:http + pg', ratio(ours.get.rate, bare.get.rate), 0.75);
  target('list of 20 likewise', ratio(ours.list.rate, bare.list.rate), 0.75);
  const fastApi = results[FASTAPI];
  if (fastApi) {
    target('read by id against FastAPI + asyncpg', ratio(ours.get.rate, fastApi.get.rate), 1.1);
    target('list of 20 likewise', ratio(ours.list.rate, fastApi.list.rate), 1.1);
  }
  const before = results[BEFORE];
  if (before) {
    const [now, then] = [ours, before].map(({ get }) => get.server);
    target("service's CPU for a read by id, of what it was", ratio(now, then), 0.7, true);
    target('list of 20, of what it was', ratio(ours.list.rate, before.list.rate), 0.97);
  }
}

/** The service through PgBouncer in transaction mode, which keeps no statements. */
async function pooled(env, id, postmaster) {
  const pooler = await startPooler(env.DATABASE_URL, await freePort());
  if (!pooler) {
    left.push('PgBouncer');
    return;
  }
  const modes = ['off', 'auto'].map((mode) => [mode, mode]);
  const through = (mode) => ({
    command: SERVERS[SERVICE],
    env: {
      ...env,
      DATABASE_URL: pooler.url,
      DATABASE_LISTEN_URL: env.DATABASE_URL,
      DATABASE_PREPARED_STATEMENTS: mode,
    },
  });
  try {
    const { off, auto } = await inTurn(modes, through, id, postmaster);
    target('through PgBouncer, auto against off: by id', ratio(auto.get.rate, off.get.rate), 0.97);
    target('list of 20 likewise', ratio(auto.list.rate, off.list.rate), 0.97);
  } finally {
    await pooler.stop();
  }
}

/** Loads servers that run side by side, one at a time: a slow moment of the machine hits all alike. */
async function inTurn(entries, startOf, id, postmaster) {
  const servers = [];
  const answers = {};
  const kinds = { get: PATH + id, list: PATH };
  try {
    for (const [name, what] of entries) {
      const { command, env } = startOf(what);
      const server = await start(command, env, await freePort());
      servers.push({ name, server, get: figures(), list: figures() });
      for (const [kind, path] of Object.entries(kinds)) {
        const answer = await (await ask(server.url + path)).json();
        requireAgreement((answers[kind] ??= answer), answer);
        await load(server.url + path, WARM_UP_SECONDS);
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      for (let at = 0; at < servers.length; at++) {
        const entry = servers[(at + round) % servers.length];
        for (const [kind, path] of Object.entries(kinds)) {
          const result = await measure(entry.server, path, SECONDS, postmaster);
          for (const [name, value] of Object.entries(result)) entry[kind][name].push(value);
        }
      }
    }
  } finally {
    for (const { server } of servers) await stop(server);
  }
  return Object.fromEntries(servers.map(({ name, get, list }) => [name, { get, list }]));
}

const figures = () => ({ rate: [], server: [], postgres: [] });

/** A guarded route beside the same without a guard, and better-auth's; and a first sight beside its read. */
async function guarded(url) {
  const env = { SCIM_TOKEN_PEPPER: PEPPER };
  const values = await seed(url, TOKENS);
  const requestsOf = (some, name) =>
    some.map((token, at) => ({ token, path: `/tenants/tnt_${at}/${name}` }));
  const host = await guard.startServer('scim-host.js', url, env);
  const [open, one] = ['open', 'guarded'].map((name) => requestsOf(values.slice(0, 1), name));
  const many = requestsOf(values.slice(0, IN_USE), 'guarded');
  for (const some of [open, one, many]) await guard.send(host, some, { duration: WARM_UP_SECONDS });
  const rates = { open: [], one: [], many: [], peer: [] };
  const cpu = { open: [], one: [] };
  const peer = await guard.startServer('better-auth.mjs', url);
  const theirs = peer.tokens.map((token) => ({ token, path: '/api/auth/scim/v2/Users' }));
  await guard.send(peer, theirs, { duration: WARM_UP_SECONDS });
  const measured = [
    ['open', host, open],
    ['one', host, one],
    ['many', host, many],
    ['peer', peer, theirs, { status: 403 }],
  ];
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, server, requests, options] of measured) {
      const result = await guard.measure(server, requests, { duration: SECONDS, ...options });
      rates[name].push(result.rate);
      cpu[name]?.push(result.cpu);
    }
  }
  await peer.stop();
  await host.stop();
  const { bare, ours } = await alone.firstSights(url, values);
  target('first sight with MAC against the bare named read', ours / bare, 0.9);
  target(
    'guarded route, remembered token, against the same route without',
    ratio(rates.one, rates.open),
    0.95,
  );
  target("guarded route against better-auth's", ratio(rates.many, rates.peer), 10);
  const row = (name, rate, micros) => [
    name,
    Math.round(median(rate)),
    spreadOf(rate),
    micros ? Math.round(median(micros)) : '',
  ];
  table(
    'The guard',
    ['', 'requests/s', 'quartiles', 'CPU µs'],
    [
      row('a route without a guard', rates.open, cpu.open),
      row('the same behind the guard, remembered token', rates.one, cpu.one),
      row(`behind the guard, ${IN_USE} tokens in use`, rates.many),
      row('better-auth with @better-auth/scim', rates.peer),
      ['first sights with MAC, without HTTP', Math.round(ours), '', ''],
      ['the bare named read, without HTTP', Math.round(bare), '', ''],
    ],
  );
}

function target(name, value, wanted, isMost = false) {
  const ok = isMost ? value <= wanted : value >= wanted;
  const bound = `${isMost ? '≤' : '≥'} ${wanted} ×`;
  targets.push([name, `${value.toFixed(2)} ×`, bound, ok ? 'yes' : 'no']);
  console.log(targets.at(-1).join('  '));
}

function table(title, head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  tables.push(`## ${title}\n\n${lines.join('\n')}\n`);
  console.log(tables.at(-1));
}

function report(postgres) {
  const made = {
    command: `${process.env.BENCH_BEFORE ? 'BENCH_BEFORE=… ' : ''}npm run bench`,
    versions: `Node ${process.version}, PostgreSQL ${postgres}, ${pythonVersions()}`,
    machine: `${availableParallelism()} × ${cpus()[0]?.model}, load average ${loadavg()[1].toFixed(1)}`,
  };
  const goals = [
    ['what', 'measured', 'wanted', 'reached'],
    ['---', '---', '---', '---'],
    ...targets,
  ];
  writeFileSync(
    join(__dirname, 'RESULTS-READS.md'),
    `# What a read costs, beside others

\`${made.command}\` in \`bench/\`, ${new Date().toISOString().slice(0, 16)}Z: ${made.versions};
${made.machine}, load and database on the same machine. Medians of ${ROUNDS} rounds of ${SECONDS} s in turn, 32
connections; one process each. Only ratios within one run mean something.${left.length > 0 ? `\nNot there: ${left.join(', ')}.` : ''}

${goals.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}

${tables.join('\n')}
The bare handlers check the same JWT, read the same rows by named statements and write the same JSON. FastAPI runs
on uvloop and httptools, prepares its statements, and answers past its own encoder. CPU is that of a request: of the server's
process, and of all of PostgreSQL's. The bare named read takes whole rows, a first sight the columns that it needs. \`BENCH_BEFORE\`
names a built tree of another version of the service.
`,
  );
}

/** A smaller answer, of an older version, agrees where it says something. */
function requireAgreement(one, other) {
  const shared = Object.keys(one).filter((key) => key in other);
  if (Array.isArray(one.items)) {
    one.items.forEach((item, at) => requireAgreement(item, other.items[at]));
    return;
  }
  const pick = (from) => Object.fromEntries(shared.map((key) => [key, from[key]]));
  deepStrictEqual(pick(other), pick(one));
}

function hasFastApi() {
  try {
    execFileSync(PYTHON, ['-c', 'import fastapi, uvicorn, asyncpg, jwt, uvloop, httptools']);
    return true;
  } catch {
    return false;
  }
}

function pythonVersions() {
  if (!SERVERS[FASTAPI]) return 'no FastAPI';
  const names = ['fastapi', 'uvicorn', 'asyncpg'];
  const print = `import ${names.join(', ')}; print(${names.map((name) => `'${name}', ${name}.__version__`).join(', ')})`;
  return execFileSync(PYTHON, ['-c', print], { encoding: 'utf8' }).trim();
}

function fastApi(port) {
  const options = ['--workers', '1', '--no-access-log', '--log-level', 'warning'];
  const module = ['fastapi_reads:app', '--app-dir', join(__dirname, 'servers')];
  return [PYTHON, '-m', 'uvicorn', ...module, ...options, '--port', String(port)];
}

function ratioOf(some, base) {
  return ratio(some, base).toFixed(2);
}

function ratio(some, base) {
  return median(some) / median(base);
}

function spreadOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part) => Math.round(sorted[Math.floor((sorted.length - 1) * part)]);
  return `${at(0.25)}–${at(0.75)}`;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
