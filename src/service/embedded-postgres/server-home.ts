import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServerUser } from './server-user';

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
