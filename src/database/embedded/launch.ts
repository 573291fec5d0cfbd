import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import type { Cluster } from './cluster';
import { DATABASE, urlOf } from './connection';
import { freePort } from './free-port';
import { runAs } from './server-user';

/** Milliseconds for a start; a recovery after a crash is part of it. */
const START_TIMEOUT_MS = 30_000;

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
 * Starts the server on a free loopback port and waits until it answers and has our database.
 *
 * @throws Error with the end of its log, where it ends or does not answer in time
 */
export async function launch(
  cluster: Cluster,
  password: string,
): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const port = await freePort();
  const child = spawnServer(cluster, port);
  await ready(child, urlOf(password, port, 'postgres'), join(cluster.home, 'server.log'));
  return { child, url: urlOf(password, port) };
}

function spawnServer({ native, home, data, user }: Cluster, port: number): ChildProcess {
  const logFile = openSync(join(home, 'server.log'), 'w', 0o600);
  const child = spawn(
    '/bin/sh',
    [
      '-c',
      WATCHDOG,
      'postgres-watchdog',
      join(native, 'bin', 'postgres'),
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'unix_socket_directories=',
    ],
    // A group of its own: a Ctrl-C in the terminal is for the service, which stops the server in turn.
    { ...runAs(user), detached: true, stdio: ['ignore', logFile, logFile, 'pipe'] },
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
      const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [
        DATABASE,
      ]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
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
