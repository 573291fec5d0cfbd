'use strict';
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: delay } = require('node:timers/promises');
const { Client } = require('pg');
const { serverUser } = require('../dist/service/embedded-postgres/server-home');

const PROGRAM = '/usr/sbin/pgbouncer';

/** Starts PgBouncer in transaction mode in front of a database; null where it is not installed. */
async function startPooler(databaseUrl, port) {
  if (!existsSync(PROGRAM)) return null;
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-bench-'));
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(
    settings,
    `[databases]
* = host=${decodeURIComponent(hostname)} port=${serverPort} user=${username} password=${decodeURIComponent(password)}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = 10
`,
  );
  // As root it does not run.
  const account = serverUser();
  if (account) for (const path of [folder, settings]) chownSync(path, account.uid, account.gid);
  const child = spawn(PROGRAM, ['--quiet', settings], { ...account, cwd: '/', stdio: 'ignore' });
  const url = `postgres://${username}@127.0.0.1:${port}${pathname}`;
  for (let tries = 0; tries < 200; tries++) {
    const client = new Client(url);
    const connected = await client.connect().then(
      () => true,
      () => false,
    );
    await client.end().catch(() => undefined);
    if (connected) break;
    await delay(50);
  }
  const stop = async () => {
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
}

module.exports = { startPooler };
