import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ServerUser } from './server-user';

/** Where the data goes when the server's user cannot reach the folder that was asked for. */
const REACHABLE = '/var/lib/scim-tokens';

/**
 * The folder that holds the cluster: `DATA_DIR/postgres`. As root, with a folder that the server's user
 * cannot walk to (one under root's home), it is one of `/var/lib/scim-tokens`, the same at each start.
 */
export function serverHome(dataDir: string, user: ServerUser | null): string {
  const home = user && !isReachable(dataDir) ? elsewhere(dataDir) : join(dataDir, 'postgres');
  mkdirSync(home, { recursive: true });
  if (user) chownSync(home, user.uid, user.gid);
  chmodSync(home, 0o700);
  return home;
}

function isReachable(folder: string): boolean {
  for (let path = folder; ; path = dirname(path)) {
    if ((statSync(path).mode & 0o001) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function elsewhere(dataDir: string): string {
  const key = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  return join(REACHABLE, key);
}
