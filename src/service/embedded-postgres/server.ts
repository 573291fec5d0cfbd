import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { PORT, prepareServiceRole, SERVICE, socketUrl, SUPERUSER, type Passwords } from './roles';
import { runAs, socketFolder, type ServerUser } from './server-home';

/** Milliseconds for a start; a recovery after a crash is part of it. */
const START_TIMEOUT_MS = 30_000;
/** Milliseconds that a server whose start is given up has to end. */
const END_TIMEOUT_MS = 2_000;

/**
 * Watches a pipe that this process holds open and stops the server at its end: however this process
 * dies, the kernel closes the pipe, and no server is left behind. A folder made for its socket goes with it.
 * Arguments: that folder, or nothing, and the server's command line.
 */
const WATCHDOG = `sockets=$1; shift
"$@" 3<&- & server=$!
trap 'kill -INT $server' INT TERM
trap : QUIT
{ read -r _; kill -INT $server 2>/dev/null; } <&3 &
wait $server; code=$?
while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
kill $! 2>/dev/null
[ -z "$sockets" ] || rm -rf "$sockets"
exit $code`;

/** A server's data, its programs and its account. */
export interface Cluster {
  /** Folder of PostgreSQL's programs. */
  readonly native: string;
  /** Folder of the data folder and of the server's log. */
  readonly home: string;
  /** PostgreSQL's data folder. */
  readonly data: string;
  /** Whom the server runs as; null for ourselves. */
  readonly user: ServerUser | null;
}

/**
 * Makes the data folder beside its place and moves it there when whole: a start that is cut off leaves
 * nothing half made.
 *
 * @throws Error with what initdb says
 */
export async function initialise(
  { native, home, data, user }: Cluster,
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
      `--username=${SUPERUSER.name}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
    ],
    { ...runAs(user), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => output.push(chunk));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  rmSync(passwordFile);
  if (code !== 0) {
    throw new Error(
      `The embedded PostgreSQL could not be prepared:\n${Buffer.concat(output).toString()}`,
    );
  }
  renameSync(draft, data);
}

/**
 * Starts the server on a Unix socket, waits until it answers, and prepares the service's role and database.
 *
 * @throws Error with the end of its log, where it ends or does not answer in time
 */
export async function launch(
  cluster: Cluster,
  passwords: Passwords,
  signal?: AbortSignal,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const sockets = socketFolder(cluster.home, cluster.user);
  const child = spawnServer(cluster, sockets);
  const superuser = socketUrl(sockets, SUPERUSER, passwords.superuser, 'postgres');
  try {
    await ready(child, superuser, join(cluster.home, 'server.log'), signal);
    await prepareServiceRole(sockets, passwords);
  } catch (error) {
    if (child.kill('SIGTERM')) await Promise.race([once(child, 'exit'), delay(END_TIMEOUT_MS)]);
    throw error;
  }
  return { child, url: socketUrl(sockets, SERVICE, passwords.service) };
}

function spawnServer({ native, home, data, user }: Cluster, sockets: string): ChildProcess {
  const logFile = openSync(join(home, 'server.log'), 'w', 0o600);
  const child = spawn(
    '/bin/sh',
    [
      ...['-c', WATCHDOG, 'postgres-watchdog', sockets === home ? '' : sockets],
      ...[join(native, 'bin', 'postgres'), '-D', data, '-p', String(PORT)],
      ...['-c', 'listen_addresses='],
      // A list: in quotes a comma is part of the path.
      ...['-c', `unix_socket_directories="${sockets.replaceAll('"', '""')}"`],
    ],
    // A group of its own: a Ctrl-C in the terminal is for the service, which stops the server in turn.
    { ...runAs(user), detached: true, stdio: ['ignore', logFile, logFile, 'pipe'] },
  );
  closeSync(logFile);
  return child;
}

async function ready(
  child: ChildProcess,
  url: string,
  logFile: string,
  signal?: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (child.exitCode === null && child.signalCode === null) {
    signal?.throwIfAborted();
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    // A connection that breaks while the server starts is asked for anew.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (Date.now() > deadline) {
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
