import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { serverBinaries } from '../../../src/service/embedded-postgres/binaries';
import { serverUser } from '../../../src/service/embedded-postgres/server-home';
import { freePort } from '../../support/free-port';

const START_TIMEOUT_MS = 30_000;
const QUERY_TIMEOUT_MS = 20_000;

/** A PostgreSQL server whose every fault is in the test's hands. */
export class PostgresServer {
  private child: ChildProcess | null = null;

  private constructor(
    /** Folder of its programs. */
    readonly bin: string,
    /** Its data directory. */
    readonly data: string,
    readonly port: number,
  ) {}

  /** Connection string of its only database. */
  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.port}/postgres`;
  }

  /** Prepares an empty cluster and starts it. */
  static async create(
    settings: Readonly<Record<string, string>> = {},
    bin = join(serverBinaries(serverUser()), 'bin'),
  ): Promise<PostgresServer> {
    const server = new PostgresServer(bin, join(ownFolder(), 'data'), await freePort());
    server.run('initdb', [
      ...['--username=postgres', '--auth=trust', '--encoding=UTF8', '--locale=C'],
      // Small, so that the log fits where a limit on the size of files leaves no room for tables.
      '--wal-segsize=1',
    ]);
    await server.start(settings);
    return server;
  }

  /** Copies a running server as its standby, and starts that. */
  static async standbyOf(
    primary: PostgresServer,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PostgresServer> {
    const server = new PostgresServer(primary.bin, join(ownFolder(), 'data'), await freePort());
    const source = `host=127.0.0.1 port=${primary.port} user=postgres application_name=standby`;
    server.run('pg_basebackup', [
      '--write-recovery-conf',
      '--checkpoint=fast',
      `--dbname=${source}`,
    ]);
    await server.start(settings);
    return server;
  }

  /**
   * Starts it, and waits until it answers.
   *
   * @param fileLimit most KiB that a file may grow to: the disk is full beyond
   */
  async start(
    settings: Readonly<Record<string, string>> = {},
    fileLimit: number | 'unlimited' = 'unlimited',
  ): Promise<void> {
    const given = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings };
    const launch = (): ChildProcess =>
      spawn(
        '/bin/bash',
        [
          ...['-c', `ulimit -f ${fileLimit}; exec "$@"`, 'postgres', join(this.bin, 'postgres')],
          ...['-D', this.data, '-p', String(this.port)],
          ...Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
        ],
        { ...account(), stdio: 'ignore' },
      );
    this.child = launch();
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.query('SELECT 1').then(Boolean, () => false))) {
      if (Date.now() > deadline) throw new Error('No PostgreSQL');
      // After a crash it refuses as long as a session of the old one still holds the shared memory.
      if (this.child.exitCode !== null) this.child = launch();
      await delay(20);
    }
  }

  /** Ends it with a signal: SIGINT for a fast shutdown, SIGKILL for a crash. */
  async end(signal: 'SIGINT' | 'SIGKILL' = 'SIGINT'): Promise<void> {
    const { child } = this;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    const pids = this.pids();
    if (signal === 'SIGKILL') signalAll(pids, signal);
    else child.kill(signal);
    await exited;
    while (pids.some(isAlive)) await delay(10);
  }

  /** Ends it and removes its data. */
  async remove(): Promise<void> {
    if (this.child?.signalCode === null) signalAll(this.pids(), 'SIGCONT');
    await this.end('SIGKILL');
    rmSync(join(this.data, '..'), { recursive: true, force: true });
  }

  /** Stops the clock of the server and all its sessions: connected, and silent. */
  freeze(): void {
    signalAll(this.pids(), 'SIGSTOP');
  }

  thaw(): void {
    signalAll(this.pids(), 'SIGCONT');
  }

  /** The server's process and those of its sessions. */
  pids(): number[] {
    const parent = this.child?.pid ?? 0;
    const own = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .filter(([, ppid]) => ppid === parent)
      .map(([pid]) => pid ?? 0);
    return [parent, ...own];
  }

  /** Runs one statement on a connection of its own. */
  async query<Row extends object>(sql: string): Promise<Row[]> {
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: 5_000,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Makes a standby the primary. */
  async promote(): Promise<void> {
    await this.query('SELECT pg_promote()');
  }

  /** Runs one of PostgreSQL's programs on the data directory. */
  private run(program: string, args: readonly string[]): void {
    execFileSync(join(this.bin, program), [`--pgdata=${this.data}`, ...args], {
      ...account(),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
  }
}

/** Debian's PostgreSQL: it has the programs that the embedded one lacks. */
export function debianPostgres(): string {
  const versions = '/usr/lib/postgresql';
  return join(versions, readdirSync(versions).sort().at(-1) ?? '', 'bin');
}

/** PostgreSQL does not run as root. */
function account(): { cwd: string; env: NodeJS.ProcessEnv; uid?: number; gid?: number } {
  return { cwd: '/', env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' }, ...serverUser() };
}

function ownFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-postgres-'));
  const user = serverUser();
  if (user) chownSync(folder, user.uid, user.gid);
  mkdirSync(join(folder, 'data'), { mode: 0o700 });
  if (user) chownSync(join(folder, 'data'), user.uid, user.gid);
  return folder;
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended by itself meanwhile.
    }
  }
}

/** A killed child of the killed server may stay as a zombie where nobody reaps it. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
