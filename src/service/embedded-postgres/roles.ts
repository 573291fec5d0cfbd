import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

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

/** What the service's role may, and may not. */
const RIGHTS = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

/** Passwords of both roles. */
export interface Passwords {
  readonly superuser: string;
  readonly service: string;
}

/** Makes the service's role and its database. Repeated at each start, so that one that was cut off is made up for. */
export async function prepareServiceRole(folder: string, passwords: Passwords): Promise<void> {
  const client = new Client({
    connectionString: socketUrl(folder, SUPERUSER, passwords.superuser, 'postgres'),
  });
  await client.connect();
  try {
    const made = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [SERVICE.name]);
    await client.query(
      `${made.rowCount === 0 ? 'CREATE' : 'ALTER'} ROLE ${SERVICE.name} ${RIGHTS}
       PASSWORD ${client.escapeLiteral(passwords.service)}`,
    );
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${SERVICE.name}`);
  } finally {
    await client.end();
  }
}
