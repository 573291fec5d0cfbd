/**
 * Starts the service as a newcomer and as an operator would, from a clean clone, with real requests:
 *  1. development: `npm ci && npm start`, embedded PostgreSQL, token made, service killed with -9, token
 *     still there, stopped by a SIGTERM to npm alone, no server left behind;
 *  2. production: built, `npm ci --omit=dev`, DATABASE_URL, only JSON lines after npm's banner;
 *  3. as a package: packed, installed into an empty folder, its command run by npx.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createServer } from 'node:net';

const repository = resolve(import.meta.dirname, '..');
const work = mkdtempSync(join(tmpdir(), 'smoke-'));
const clone = join(work, 'clone');
const TOKENS = '/api/v1/admin/scim-tokens/';

const run = (command, args, cwd, env = {}) =>
  execFileSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const say = (text) => console.log(`  ${text}`);

function check(condition, text) {
  if (!condition) throw new Error(`smoke: ${text}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function start(cwd, env) {
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const output = [];
  const began = Date.now();
  const child = spawn('npm', ['start'], {
    cwd,
    env: { ...process.env, PORT: String(port), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.on('data', (data) => output.push(data));
  child.stderr.on('data', (data) => output.push(data));
  const text = () => Buffer.concat(output).toString();
  for (;;) {
    check(child.exitCode === null, `the service ended with ${child.exitCode}:\n${text()}`);
    check(Date.now() - began < 60_000, `not ready within 60 s:\n${text()}`);
    const ready = await fetch(`${base}/health/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  return { child, base, text, seconds: (Date.now() - began) / 1000 };
}

async function stop({ child }) {
  const began = Date.now();
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
  const seconds = (Date.now() - began) / 1000;
  check(seconds < 10, `took ${seconds} s to stop`);
  return seconds;
}

async function call(base, jwt, method, path, body) {
  const answer = await fetch(base + path, {
    method,
    headers: { authorization: `Bearer ${jwt}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** Processes whose command line names a path, as /proc has them. */
function processesIn(path) {
  return run('ps', ['-eo', 'pid=,args='], work)
    .split('\n')
    .filter((line) => line.includes(path) && !line.includes('ps -eo'));
}

/** npm's child, its child and so on, but for the database server: what kills it is its own matter. */
function descendantsOf(parent) {
  return run('ps', ['-eo', 'pid=,ppid=,comm='], work)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, ppid, name]) => Number(ppid) === parent && /^(node|npm|sh$)/.test(name))
    .flatMap(([pid]) => [...descendantsOf(Number(pid)), Number(pid)]);
}

async function development() {
  run('git', ['clone', '--quiet', repository, clone], work);
  run('npm', ['ci', '--no-audit', '--no-fund'], clone);
  const cold = await start(clone, {});
  say(`cold npm start: ${cold.seconds.toFixed(1)} s`);
  const jwt = run('npm', ['run', '--silent', 'token', '--', '--role', 'super_admin'], clone).trim();
  const made = await call(cold.base, jwt, 'POST', TOKENS, { name: 'Okta', tenant_id: 'tnt_a' });
  check(made.status === 201, `create answered ${made.status}`);

  for (const pid of descendantsOf(cold.child.pid)) process.kill(pid, 'SIGKILL');
  cold.child.kill('SIGKILL');
  const warm = await start(clone, {});
  say(`npm start after kill -9: ${warm.seconds.toFixed(1)} s`);
  const read = await call(warm.base, jwt, 'GET', TOKENS + made.body.id);
  check(read.status === 200 && read.body.name === 'Okta', 'the token did not survive kill -9');
  say(`stopped in ${(await stop(warm)).toFixed(1)} s by a SIGTERM to npm alone`);
  const left = processesIn(join(clone, '.data'));
  check(left.length === 0, `left behind:\n${left.join('\n')}`);
  const again = await start(clone, {});
  say(`warm npm start: ${again.seconds.toFixed(1)} s`);
  const revoked = await call(again.base, jwt, 'DELETE', TOKENS + made.body.id);
  check(revoked.status === 204, `revoke answered ${revoked.status}`);
  await stop(again);
  check(!again.text().includes(made.body.token), 'the log holds a value');
}

async function production() {
  const service = join(work, 'service');
  run('npm', ['run', '--silent', 'build'], clone);
  for (const name of [
    'package.json',
    'package-lock.json',
    '.npmrc',
    'service',
    'dist',
    'scripts',
  ]) {
    cpSync(join(clone, name), join(service, name), { recursive: true });
  }
  run('npm', ['ci', '--omit=dev', '--no-audit', '--no-fund'], service);
  const { startEmbeddedPostgres } = createRequire(join(clone, 'package.json'))(
    './dist/service/embedded-postgres/embedded-postgres',
  );
  const database = await startEmbeddedPostgres({ dataDir: join(work, 'database') });
  try {
    const secret = 'smoke-test-secret-that-is-long-enough-for-hs256';
    const env = {
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://scim.example.com',
      DATABASE_URL: database.url,
      JWT_SECRET: secret,
    };
    const live = await start(service, env);
    const { sign } = createRequire(join(clone, 'package.json'))('jsonwebtoken');
    const jwt = sign({ sub: 'ops', role: 'tenant_admin', tenant_id: 'tnt_a' }, secret, {
      expiresIn: '5m',
    });
    const made = await call(live.base, jwt, 'POST', TOKENS, { name: 'Entra' });
    check(made.status === 201, `create answered ${made.status}`);
    const info = await call(live.base, jwt, 'GET', `${TOKENS}endpoint-info`);
    check(info.body.base_url.startsWith('https://scim.example.com/'), 'endpoint-info is wrong');
    await stop(live);
    const lines = live
      .text()
      .split('\n')
      .filter((line) => line && !/^(> |npm )/.test(line));
    for (const line of lines) JSON.parse(line);
    check(!live.text().includes(made.body.token), 'the log holds a value');
    say(`production: ${lines.length} log lines, all JSON`);
  } finally {
    await database.stop();
  }
}

/** The packed package, installed into an empty folder. */
function packed() {
  const folder = join(work, 'packed');
  mkdirSync(folder);
  run('npm', ['pack', '--silent', '--ignore-scripts=false', '--pack-destination', work], clone);
  const [tarball] = readdirSync(work).filter((name) => name.endsWith('.tgz'));
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', join(work, tarball)], folder);
  const version = run('npx', ['--no-install', 'nest-scim-tokens', '--version'], folder).trim();
  check(/^\d+\.\d+\.\d+$/.test(version), `npx nest-scim-tokens --version printed ${version}`);
  say(`npx nest-scim-tokens --version: ${version}`);
}

try {
  await development();
  await production();
  packed();
} finally {
  rmSync(work, { recursive: true, force: true });
}
