import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The one role of an embedded server. */
export const USER = 'scim_tokens';
/** Its database. */
export const DATABASE = USER;
const PASSWORD_FILE = 'postgres.password';

/** Whether a data folder has a password, and with it a server. */
export function hasPassword(dataDir: string): boolean {
  return existsSync(join(dataDir, PASSWORD_FILE));
}

/** The password kept in a data folder, made at first sight. */
export function passwordIn(dataDir: string): string {
  const path = join(dataDir, PASSWORD_FILE);
  if (!existsSync(path)) {
    writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8');
}

/** Connection string of a database of a server on this machine. */
export function urlOf(password: string, port: number, database = DATABASE): string {
  return `postgres://${USER}:${password}@127.0.0.1:${port}/${database}`;
}
