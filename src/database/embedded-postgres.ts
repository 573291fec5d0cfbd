import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { serverBinaries } from './embedded/binaries';
import { lockData } from './embedded/data-lock';
import { serverHome } from './embedded/server-home';
import { serverUser, type ServerUser } from './embedded/server-user';

/** A running server of our own. */
export interface EmbeddedPostgres {
  /** Connection string of its database. */
  readonly url: string;
  /** Stops the server and waits for its end. */
  stop(): Promise<void>;
  /** Resolves when the server ends though nobody stopped it. */
  readonly exited: Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** Folder that keeps the data from start to start. */
  readonly dataDir: string;
  /** Told what takes its time. */
  readonly log?: (message: string) => void;
}

const USER = 'scim_tokens';
const PASSWORD_FILE = 'postgres.password';
/** Milliseconds for a start; a recovery after a crash is part of it. */
const START_TIMEOUT_MS = 30_000;
/** Milliseconds a fast shutdown may take before the server is ended at once. */
const STOP_TIMEOUT_MS = 4_000;
/** Milliseconds in which a server whose service was killed ends, before it is ended at once. */
const ORPHAN_TIMEOUT_MS = 5_000;

/**
 * Watches a pipe that this process holds open and stops the server at its end: however this process
 * dies, the kernel closes the pipe, and no server is left behind. Arguments: the server's command line.
 */
const WATCHDOG = `"$@" 3<&- & server=$!
trap 'kill -INT $server' INT TERM
{ read -r _; kill -INT $server 2>/dev/null; } <&3 &
wait $server; code=$?
while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
kill $! 2>/dev/null
exit $code`;

/**
 * Starts a real PostgreSQL for development and tests, on a free loopback port, and finds its data again
 * at the next start. As root the server runs under another account.
 *
 * @throws Error that says what to do: package missing, folder in use, server does not start
 */
export async function startEmbeddedPostgres({
  dataDir: folder,
  log = () => undefined,
}: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = resolve(folder);
  const lock = lockData(dataDir);
  try {
    const user = serverUser();
    const native = serverBinaries(user);
    const home = serverHome(dataDir, user);
    const password = passwordIn(dataDir);
    const cluster = join(home, 'cluster');
    const server = { native, home, cluster, user };
    if (!existsSync(cluster)) {
      log('Preparing the embedded PostgreSQL');
      await initialise(server, password);
    }
    await endOrphan(cluster);
    const port = await freePort();
    const url = urlOf(password, port);
    const child = launch(server, port);
    await ready(child, url.replace(/[^/]+$/, 'postgres'), join(home, 'server.log'));
    return running(child, url, () => {
      lock.release();
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Connection string of the server that a running service has started on this folder, or null. */
export function runningEmbeddedPostgres(folder: string): string | null {
  const dataDir = resolve(folder);
  if (!hasEmbeddedPostgres(dataDir)) return null;
  const cluster = join(serverHome(dataDir, serverUser()), 'cluster');
  if (orphanOf(cluster) === null) return null;
  // Line 4 of postmaster.pid is the port.
  const port = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[3] ?? '';
  return urlOf(passwordIn(dataDir), port);
}

/** Whether a service has ever kept its data in this folder. */
export function hasEmbeddedPostgres(folder: string): boolean {
  return existsSync(join(folder, PASSWORD_FILE));
}

interface Server {
  readonly native: string;
  readonly home: string;
  readonly cluster: string;
  readonly user: ServerUser | null;
}

/** Made beside its place and moved there when whole: a start that is cut off leaves nothing half made. */
async function initialise(
  { native, home, cluster, user }: Server,
  password: string,
): Promise<void> {
  const draft = join(home, 'cluster.new');
  rmSync(draft, { recursive: true, force: true });
  const passwordFile = join(home, 'initdb.password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) chownSync(passwordFile, user.uid, user.gid);
  const output: Buffer[] = [];
  const child = spawn(
    join(native, 'bin', 'initdb'),
    [
      `--pgdata=${draft}`,
      `--username=${USER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { ...as(user), env: environment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data: Buffer) => output.push(data));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  rmSync(passwordFile);
  if (code !== 0) {
    throw new Error(
      `The embedded PostgreSQL could not be prepared:\n${Buffer.concat(output).toString()}`,
    );
  }
  renameSync(draft, cluster);
}

function launch({ native, home, cluster, user }: Server, port: number): ChildProcess {
  const logFile = openSync(join(home, 'server.log'), 'w', 0o600);
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      WATCHDOG,
      'postgres-watchdog',
      join(native, 'bin', 'postgres'),
      '-D',
      cluster,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    // A group of its own: a Ctrl-C in the terminal is for the service, which stops the server in turn.
    {
      ...as(user),
      env: environment(),
      detached: true,
      stdio: ['ignore', logFile, logFile, 'pipe'],
    },
  );
  closeSync(logFile);
  return child;
}

async function ready(child: ChildProcess, url: string, logFile: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // A connection that breaks while the server starts is asked for anew.
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [USER]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${USER}`);
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        child.kill('SIGTERM');
        throw new Error(`The embedded PostgreSQL does not answer: ${(error as Error).message}`);
      }
      await delay(25);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
  const lines = readFileSync(logFile, 'utf8').trim().split('\n').slice(-10).join('\n');
  throw new Error(`The embedded PostgreSQL did not start; ${logFile} ends with:\n${lines}`);
}

function running(child: ChildProcess, url: string, release: () => void): EmbeddedPostgres {
  let stopped = false;
  const ended = once(child, 'exit').then(release);
  return {
    url,
    exited: new Promise((resolveExited) => {
      void ended.then(() => {
        if (!stopped) resolveExited();
      });
    }),
    async stop() {
      stopped = true;
      child.kill('SIGINT');
      const force = setTimeout(() => {
        // To the whole group: the server ends its sessions at once and recovers at the next start.
        process.kill(-(child.pid ?? 0), 'SIGQUIT');
      }, STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

/** Ends the server that a killed service left, if it has not gone by itself: we hold the folder now. */
async function endOrphan(cluster: string): Promise<void> {
  const began = Date.now();
  let signal: NodeJS.Signals | null = 'SIGINT';
  for (let pid = orphanOf(cluster); pid !== null; pid = orphanOf(cluster)) {
    if (signal) process.kill(pid, signal);
    signal = null;
    await delay(50);
    const waited = Date.now() - began;
    if (waited > 2 * ORPHAN_TIMEOUT_MS) {
      throw new Error(
        `PostgreSQL process ${pid} still uses ${cluster}: end it, or set another DATA_DIR`,
      );
    }
    if (waited > ORPHAN_TIMEOUT_MS) signal = 'SIGQUIT';
  }
}

/** The live server that holds the cluster; a number that now is another program's is nobody's. */
function orphanOf(cluster: string): number | null {
  try {
    const [line = ''] = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(line);
    process.kill(pid, 0);
    if (process.platform !== 'linux') return pid;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return command.includes(cluster) ? pid : null;
  } catch {
    return null;
  }
}

function urlOf(password: string, port: number | string): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${USER}`;
}

function passwordIn(dataDir: string): string {
  const path = join(dataDir, PASSWORD_FILE);
  if (!existsSync(path)) {
    writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8');
}

/** Nothing of ours: PGOPTIONS and the like would change the server. */
function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' };
}

function as(user: ServerUser | null): { cwd: string; uid?: number; gid?: number } {
  return { cwd: '/', ...user };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
