import type { SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';

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
