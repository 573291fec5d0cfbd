import { isDatabaseUnavailable } from '../database/database-errors';

/** What to do about errors that come from outside, by their code. */
const ADVICE: Readonly<Record<string, string>> = {
  EADDRINUSE: 'something else listens there: stop it, or set PORT',
  EADDRNOTAVAIL: 'this machine has no such address: set HOST',
  EACCES:
    'the user of this process may not: set PORT above 1023, or DATA_DIR to a folder of its own',
  EROFS: 'the file system is read-only: set DATA_DIR to a folder that can be written',
  ENOSPC: 'the disk is full',
  '28P01': 'the database refuses the user or the password: check DATABASE_URL',
  '28000': 'the database refuses the user: check DATABASE_URL',
  '3D000': 'there is no such database: make it, or check DATABASE_URL',
  '42501': 'the database user may not: let it create tables in DATABASE_SCHEMA',
};

/** Says why a start failed and what to do. */
export function startFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const advice = typeof code === 'string' ? ADVICE[code] : undefined;
  if (advice !== undefined) return `${error.message}: ${advice}`;
  if (isDatabaseUnavailable(error)) {
    const what = error.message || String(code);
    return `${what}: the database cannot be reached; check DATABASE_URL and that PostgreSQL runs there`;
  }
  return error.message;
}
