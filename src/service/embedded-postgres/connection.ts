import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A role of an embedded server, and the file of the data folder that keeps its password. */
export interface Role {
  readonly name: string;
  readonly passwordFile: string;
}

/** The cluster's first role: a start prepares the service's with it, and nothing else uses it. */
export const SUPERUSER: Role = { name: 'scim_tokens', passwordFile: 'postgres.password' };
/** The service's role: it owns its database and what is in it, no more. */
export const SERVICE: Role = {
  name: 'scim_tokens_service',
  passwordFile: 'postgres.service.password',
};
/** The service's database. */
export const DATABASE = 'scim_tokens';
/** Number in the name of the socket: nothing listens on a TCP port. */
export const PORT = 5432;

/** Whether a data folder has a password, and with it a server. */
export function hasPassword(dataDir: string): boolean {
  return existsSync(join(dataDir, SUPERUSER.passwordFile));
}

/** The password of a role that is kept in a data folder, made at first sight. */
export function passwordIn(dataDir: string, { passwordFile }: Role): string {
  const path = join(dataDir, passwordFile);
  if (!existsSync(path)) {
    writeFileSync(path, randomBytes(24).toString('base64url'), { mode: 0o600 });
  }
  chmodSync(path, 0o600);
  return readFileSync(path, 'utf8');
}

/** Connection string over the socket in a folder, which stands encoded in the place of the host. */
export function socketUrl(
  folder: string,
  { name }: Role,
  password: string,
  database = DATABASE,
): string {
  return `postgres://${name}:${password}@${encodeURIComponent(folder)}:${PORT}/${database}`;
}
