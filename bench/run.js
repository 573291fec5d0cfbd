'use strict';
/**
 * Throughput of reading one token and of listing 20, in one run on one database: a hand-written
 * node:http handler, the same on bare Nest, and the service, which all give the same answers. Then
 * reads while tokens are created, and the memory of the service. Needs a build (npm run build) and the
 * development dependencies.
 */
const { deepStrictEqual } = require('node:assert');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { mkdtempSync, readFileSync, rmSync } = require('node:fs');
const { createServer } = require('node:net');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const autocannon = require('autocannon');
const { sign } = require('jsonwebtoken');
const { startEmbeddedPostgres } = require('../dist/service/embedded-postgres/embedded-postgres');
const { runMigrations } = require('../dist/database/migrate');

const SECONDS = Number(process.env.BENCH_SECONDS ?? 8);
/** Until the compiler has settled: code is slow at first, and there is more of it in some than in others. */
const WARM_UP_SECONDS = 4;
const CONNECTIONS = 32;
const PATH = '/api/v1/admin/scim-tokens/';
const JWT_SECRET = 'bench-secret-of-thirty-two-bytes-or-more';
const SERVERS = {
  'node:http + pg': 'servers/node-http.js',
  'bare Nest + pg': 'servers/nest.js',
  'the service': '../dist/main.js',
};

async function main() {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const database = await startEmbeddedPostgres({ dataDir: folder });
  try {
    await runMigrations(database.url);
    const env = {
      ...process.env,
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://scim.example.com',
      DATABASE_URL: database.url,
      JWT_SECRET,
      RATE_LIMIT_PER_MINUTE: '0',
      SCIM_TOKEN_MAX_ACTIVE_PER_TENANT: '100000',
    };
    const service = await start(SERVERS['the service'], env);
    const ids = [];
    for (let i = 0; i < 100; i++) ids.push((await create(service.url, 'tnt_a')).id);
    await stop(service);
    await throughput(env, ids[50]);
    await underCreates(env, ids[50]);
  } finally {
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rounds in turn, so that a slow moment of the machine hits all alike. */
async function throughput(env, id) {
  const rates = Object.fromEntries(
    Object.keys(SERVERS).map((name) => [name, { get: [], list: [] }]),
  );
  const answers = {};
  for (let round = 0; round < 3; round++) {
    for (const [name, file] of Object.entries(SERVERS)) {
      const server = await start(file, env);
      for (const [kind, path] of [
        ['get', PATH + id],
        ['list', PATH],
      ]) {
        const answer = await (await ask(server.url + path)).json();
        deepStrictEqual(answer, (answers[kind] ??= answer));
        await load(server.url + path, WARM_UP_SECONDS);
        rates[name][kind].push((await load(server.url + path, SECONDS)).requests.average);
      }
      if (name === 'the service' && round === 0) rates.rss = memoryOf(server.child.pid);
      await stop(server);
    }
  }
  const base = rates['node:http + pg'];
  console.log(
    `\n${CONNECTIONS} connections, median of 3 rounds of ${SECONDS} s after ${WARM_UP_SECONDS} s to warm up, req/s (ratio)`,
  );
  console.log('                      one by id        list of 20');
  for (const name of Object.keys(SERVERS)) {
    const cell = (kind) => {
      const rate = median(rates[name][kind]);
      return `${Math.round(rate).toString().padStart(7)} (${(rate / median(base[kind])).toFixed(2)})`;
    };
    console.log(`${name.padEnd(18)} ${cell('get')}  ${cell('list')}`);
  }
  console.log(`\nService's memory after its first round: ${rates.rss} MB RSS`);
}

/** p99 of reads at a moderate rate, idle and while 20 creates are under way all the time. */
async function underCreates(env, id) {
  const server = await start(SERVERS['the service'], env);
  const read = () => load(server.url + PATH + id, SECONDS, { connections: 4, overallRate: 400 });
  await load(server.url + PATH + id, 2);
  const idle = await read();
  let creating = true;
  let created = 0;
  const creators = Array.from({ length: 20 }, async (_, index) => {
    while (creating) {
      await create(server.url, `tnt_${index}`);
      created += 1;
    }
  });
  const busy = await read();
  creating = false;
  await Promise.all(creators);
  await stop(server);
  console.log(
    `\nReads' p99 at 400 req/s: ${idle.latency.p99} ms idle, ${busy.latency.p99} ms while 20 creates are under way (${created} made)`,
  );
}

function load(url, duration, options = {}) {
  const headers = { authorization: `Bearer ${jwtOf('tnt_a')}` };
  return new Promise((resolve, reject) => {
    autocannon(
      { url, duration, connections: CONNECTIONS, headers, ...options },
      (error, result) => {
        if (error) reject(error);
        else if (result.non2xx + result.errors > 0)
          reject(new Error(`${url}: ${result.non2xx} answers were no success`));
        else resolve(result);
      },
    );
  });
}

function ask(url) {
  return fetch(url, { headers: { authorization: `Bearer ${jwtOf('tnt_a')}` } });
}

async function create(url, tenant) {
  const answer = await fetch(url + PATH, {
    method: 'POST',
    headers: { authorization: `Bearer ${jwtOf(tenant)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bench' }),
  });
  if (answer.status !== 201) throw new Error(`create answered ${answer.status}`);
  return answer.json();
}

function jwtOf(tenant) {
  return sign({ sub: 'bench', role: 'tenant_admin', tenant_id: tenant }, JWT_SECRET, {
    expiresIn: '1h',
  });
}

async function start(file, env) {
  const port = await freePort();
  const child = spawn(process.execPath, [join(__dirname, file)], {
    env: { ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; tries < 200; tries++) {
    if (
      await ask(url + PATH).then(
        (a) => a.ok,
        () => false,
      )
    ) {
      return { child, url };
    }
    await delay(50);
  }
  throw new Error(`${file} did not start`);
}

async function stop({ child }) {
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

function memoryOf(pid) {
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Math.round(Number(kilobytes) / 1024);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
