import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { serverUser } from '../../../src/service/embedded-postgres/server-home';
import { freePort } from '../../support/free-port';
import { through } from '../../support/test-database';

const START_TIMEOUT_MS = 60_000;

/** A real PgBouncer in transaction mode: a connection is lent for a transaction, no longer. */
export class PgBouncer {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    private readonly server: URL,
    readonly port: number,
  ) {}

  /** Starts one in front of a server, for all its databases. */
  static async before(serverUrl: string): Promise<PgBouncer> {
    const server = new URL(serverUrl);
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-pgbouncer-'));
    const account = serverUser();
    const settings = join(folder, 'pgbouncer.ini');
    const password = server.password && ` password=${decodeURIComponent(server.password)}`;
    writeFileSync(
      settings,
      `[databases]
* = host=${decodeURIComponent(server.hostname)} port=${server.port} user=${server.username}${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 10
server_idle_timeout = 5
`,
    );
    if (account) {
      for (const path of [folder, settings]) chownSync(path, account.uid, account.gid);
    }
    const child = spawn('/usr/sbin/pgbouncer', ['--quiet', settings], {
      ...account,
      cwd: '/',
      stdio: 'ignore',
    });
    const pooler = new PgBouncer(child, folder, server, port);
    await pooler.untilReady();
    return pooler;
  }

  /** A direct connection string's database, through here. */
  through(url: string): string {
    return through(url, `127.0.0.1:${this.port}`);
  }

  async end(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await exited;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const client = new Client(this.through(this.server.href));
      try {
        await client.connect();
        await client.query('SELECT 1');
        return;
      } catch (error) {
        if (this.child.exitCode !== null || Date.now() > deadline) throw error;
        await delay(50);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }
}
