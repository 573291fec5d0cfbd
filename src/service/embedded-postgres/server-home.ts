import type { SpawnOptions } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PORT } from './roles';

/** An account that the server can run under. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts that lend themselves, best first. */
const CANDIDATES = ['postgres', 'nobody'];

/**
 * PostgreSQL refuses to run as root: then it runs as `postgres`, else as `nobody`. Null where we are an
 * ordinary user anyway.
 *
 * @throws Error where there is no such account
 */
export function serverUser(): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const candidate of CANDIDATES) {
    const account = accounts.find(([name]) => name === candidate);
    if (account) return { uid: Number(account[2]), gid: Number(account[3]) };
  }
  throw new Error(
    'PostgreSQL does not run as root, and there is no user postgres or nobody: start as an ordinary user, or set DATABASE_URL',
  );
}

/** How its programs are spawned: with nothing of our environment, since PGOPTIONS and the like would change the server. */
export function runAs(user: ServerUser | null): Pick<SpawnOptions, 'cwd' | 'env' | 'uid' | 'gid'> {
  return { cwd: '/', env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C' }, ...user };
}

/** Where the data goes when the server's user cannot reach the folder that was asked for. */
const REACHABLE = '/var/lib/scim-tokens';

/** PostgreSQL's data folder, in the server's home. */
const DATA = 'cluster';

/**
 * The folder that holds the cluster: `DATA_DIR/postgres`. As root `DATA_DIR` is given to the server's user,
 * since nobody else may enter it; where that user cannot walk to it (under root's home), the folder is one
 * of `/var/lib/scim-tokens`, the same at each start.
 *
 * @throws Error where root would take the folder from an ordinary user
 */
export function serverHome(dataDir: string, user: ServerUser | null): string {
  const [inside, outside] = homesOf(dataDir);
  const isOutside =
    user !== null &&
    !existsSync(dataOf(inside)) &&
    (existsSync(dataOf(outside)) || !isReachable(dirname(dataDir)));
  const home = isOutside ? outside : inside;
  if (user && !isOutside) lend(dataDir, user);
  mkdirSync(home, { recursive: true });
  if (user) chownSync(home, user.uid, user.gid);
  chmodSync(home, 0o700);
  return home;
}

/** The places where a data folder's server may have its home. */
export function homesOf(dataDir: string): [inside: string, outside: string] {
  const key = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return [join(dataDir, 'postgres'), join(REACHABLE, key)];
}

/** PostgreSQL's data folder in a server's home. */
export function dataOf(home: string): string {
  return join(home, DATA);
}

function lend(dataDir: string, user: ServerUser): void {
  const { uid } = statSync(dataDir);
  if (uid !== 0 && uid !== user.uid) {
    throw new Error(
      `DATA_DIR ${dataDir} belongs to the user with the number ${uid}: start as that user, or set another DATA_DIR`,
    );
  }
  chownSync(dataDir, user.uid, user.gid);
}

/** Whether everyone may walk down to the folder and through it. */
export function isReachable(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** Most bytes of a socket's path that the system takes (sockaddr_un, less the byte that ends it; macOS has the least). */
const MAX_PATH = 103;
/** Folder for temporary files where the configured one does not do. */
const TEMPORARY = '/tmp';

/**
 * The folder of the server's socket, closed to all but the server's user: its home, or one of its own for
 * temporary files where the home's path is too long for a socket.
 *
 * @throws Error where there is no such folder
 */
export function socketFolder(home: string, user: ServerUser | null): string {
  if (fits(home)) return home;
  const parent = [tmpdir(), TEMPORARY].find(
    (folder) => fits(join(folder, 'scim-tokens-XXXXXX')) && (user === null || isReachable(folder)),
  );
  if (parent === undefined) {
    throw new Error(`The path of ${home} is too long for a Unix socket: set a shorter DATA_DIR`);
  }
  const folder = mkdtempSync(join(parent, 'scim-tokens-'));
  if (user) chownSync(folder, user.uid, user.gid);
  return folder;
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, `.s.PGSQL.${PORT}`)) <= MAX_PATH;
}
