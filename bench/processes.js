'use strict';
/** Servers as processes of their own: started, loaded, and asked what CPU they took. */
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { readdirSync, readFileSync } = require('node:fs');
const { createServer } = require('node:net');
const { setTimeout: delay } = require('node:timers/promises');
const autocannon = require('autocannon');
const { sign } = require('jsonwebtoken');

const CONNECTIONS = 32;
const PATH = '/api/v1/admin/scim-tokens/';
const JWT_SECRET = 'bench-secret-of-thirty-two-bytes-or-more';
/** Microseconds of a tick of /proc. */
const TICK = 10_000;

/** Starts a command on a free port, and waits until it lists tokens. */
async function start(command, env, port) {
  const [file, ...args] = command(port);
  const child = spawn(file, args, {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const server = { child, url: `http://127.0.0.1:${port}` };
  for (let tries = 0; tries < 400; tries++) {
    if (child.exitCode !== null) break;
    const answer = await ask(server.url + PATH).catch(() => null);
    if (answer?.ok) return server;
    await delay(50);
  }
  throw new Error(`${file} ${args.join(' ')} did not start`);
}

async function stop({ child }) {
  if (child.exitCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks again and again, as one tenant's administrator; requests a second and their number. */
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

/** The same with the CPU that a request took, of the server and of PostgreSQL, in microseconds. */
async function measure({ child, url }, path, duration, postmaster) {
  const before = [cpuOf(child.pid), cpuOfPostgres(postmaster)];
  const { requests } = await load(url + path, duration);
  const after = [cpuOf(child.pid), cpuOfPostgres(postmaster)];
  const [server, postgres] = after.map((micros, at) => (micros - before[at]) / requests.total);
  return { rate: requests.average, server, postgres };
}

function ask(url, tenant = 'tnt_a') {
  return fetch(url, { headers: { authorization: `Bearer ${jwtOf(tenant)}` } });
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

/** Process id of the server behind a connection. */
async function postmasterOf(client) {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  return parentOf(statOf(rows[0].pid));
}

/** Of the process and, where it is done for them already, its children. */
function cpuOf(pid) {
  return statOf(pid)
    .slice(12, 16)
    .reduce((sum, ticks) => sum + ticks * TICK, 0);
}

function cpuOfPostgres(postmaster) {
  const ofBackend = (pid) => {
    try {
      return parentOf(statOf(pid)) === postmaster ? cpuOf(pid) : 0;
    } catch {
      // It has ended meanwhile.
      return 0;
    }
  };
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.reduce((sum, pid) => sum + ofBackend(pid), cpuOf(postmaster));
}

/** Fields of /proc/<pid>/stat by number, less one that stands for the name. */
function statOf(pid) {
  const [, rest] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  return ['', ...rest.split(' ')].map(Number);
}

function parentOf(stat) {
  return stat[2];
}

module.exports = {
  JWT_SECRET,
  PATH,
  ask,
  cpuOf,
  create,
  freePort,
  load,
  measure,
  postmasterOf,
  start,
  stop,
};
