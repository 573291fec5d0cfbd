import { chownSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PORT } from './connection';
import { isReachable } from './server-home';
import type { ServerUser } from './server-user';

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
