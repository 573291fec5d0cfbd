import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/service/embedded-postgres/embedded-postgres';
import { passwordIn, SERVICE, SUPERUSER } from '../../src/service/embedded-postgres/roles';
import { runMigrations } from '../../src/database/migrate';
import { until } from '../support/until';

jest.setTimeout(60_000);

const LONG = 'a-name-of-forty-characters-and-no-more-a';

describe('The embedded PostgreSQL', () => {
  let folder: string;
  let server: EmbeddedPostgres | null = null;

  const start = async (dataDir = folder): Promise<EmbeddedPostgres> =>
    (server = await startEmbeddedPostgres({ dataDir }));
  const stop = async (): Promise<void> => {
    await server?.stop();
    server = null;
  };
  const modeOf = (path: string): number => statSync(path).mode & 0o777;
  const socketsOf = ({ url }: EmbeddedPostgres): string =>
    decodeURIComponent(new URL(url).hostname);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-embedded-'));
    // As root the server's user walks through here.
    chmodSync(folder, 0o755);
  });
  afterEach(async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('listens on no TCP port, and on a socket that no other user can reach', async () => {
    const { url } = await start();
    expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '' }]);
    const sockets = decodeURIComponent(new URL(url).hostname);
    expect(readdirSync(sockets)).toContain('.s.PGSQL.5432');
    expect(modeOf(sockets)).toBe(0o700);
    expect(modeOf(folder)).toBe(0o700);
    if (process.getuid?.() !== 0) return;
    // Node itself may lie where that user has no way in.
    const stranger = spawnSync('cat', [join(sockets, '.s.PGSQL.5432')], {
      uid: 12_345,
      gid: 12_345,
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
    });
    expect(stranger.stderr).toContain('Permission denied');
  });

  it('gives the service a role that owns its database and is no superuser, and shows no password to others', async () => {
    const { url } = await start();
    await runMigrations(url, 'elsewhere');
    expect(
      await query(
        url,
        `SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS mighty,
           (SELECT datdba = r.oid FROM pg_database WHERE datname = current_database()) AS owns
         FROM pg_roles r WHERE rolname = current_user`,
      ),
    ).toEqual([{ mighty: false, owns: true }]);
    await expect(query(url, 'ALTER SYSTEM SET fsync = off')).rejects.toMatchObject({
      code: '42501',
    });
    const passwords = [SERVICE, SUPERUSER].map((role) => passwordIn(folder, role));
    expect(new URL(url).password).toBe(passwords[0]);
    const { stdout } = spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
    expect(stdout).toContain(folder);
    for (const password of passwords) expect(stdout).not.toContain(password);
    for (const { passwordFile } of [SERVICE, SUPERUSER]) {
      expect(modeOf(join(folder, passwordFile))).toBe(0o600);
    }
  });

  it('puts the socket into a folder of its own where the path is too long, and leaves none behind', async () => {
    const dataDir = join(folder, LONG, LONG, 'a, "b"');
    const first = await start(dataDir);
    const sockets = socketsOf(first);
    expect(sockets.startsWith(join(tmpdir(), 'scim-tokens-'))).toBe(true);
    expect(modeOf(sockets)).toBe(0o700);
    expect(await query(runningEmbeddedPostgres(dataDir) ?? '', 'SELECT 1 AS one')).toEqual([
      { one: 1 },
    ]);
    await stop();
    expect(existsSync(sockets)).toBe(false);
  });

  it('takes a data folder whose path holds what a list would be split at', async () => {
    const dataDir = join(folder, `a, "b" 'c' %2F ü`);
    const { url } = await start(dataDir);
    expect(socketsOf({ url } as EmbeddedPostgres).startsWith(dataDir)).toBe(true);
    expect(runningEmbeddedPostgres(dataDir)).toBe(url);
  });

  it('is gone with its folder when its starter is killed', async () => {
    const dataDir = join(folder, LONG, LONG, LONG);
    const script = `require('./dist/service/embedded-postgres/embedded-postgres').startEmbeddedPostgres({ dataDir: process.argv[1] })
      .then(({ url }) => { require('fs').writeSync(1, url); process.kill(process.pid, 'SIGKILL'); })`;
    const { stdout } = spawnSync(process.execPath, ['-e', script, dataDir], { encoding: 'utf8' });
    const sockets = decodeURIComponent(new URL(stdout).hostname);
    await until(() => Promise.resolve(!existsSync(sockets)));
    expect(runningEmbeddedPostgres(dataDir)).toBeNull();
    const { url } = await start(dataDir);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('refuses a data folder that everybody shares', async () => {
    const shared = join(folder, 'shared');
    mkdirSync(shared);
    chmodSync(shared, 0o1777);
    await expect(start(shared)).rejects.toThrow(/DATA_DIR .* is open to other users.*set DATA_DIR/);
    expect(modeOf(shared)).toBe(0o777);
    expect(readdirSync(shared)).toEqual([]);
  });
});

async function query(url: string, sql: string, values?: unknown[]): Promise<unknown[]> {
  const client = new Client(url);
  await client.connect();
  try {
    return (await client.query<object>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
