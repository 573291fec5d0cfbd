import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { SERVICE, SUPERUSER } from '../../src/service/embedded-postgres/roles';

/** Environment variable by which the workers find the run's server, as the service's role. */
export const DATABASE_SERVER = 'TEST_DATABASE_SERVER';

/** Its superuser's password: makes the databases, which the service's role owns. */
export const SUPERUSER_PASSWORD = 'TEST_DATABASE_SUPERUSER_PASSWORD';

/** Addresses of that server's workers, `host:port` by commas, where it is the coordinator of a Citus cluster. */
const WORKERS = (process.env.TEST_DATABASE_WORKERS ?? '').split(',').filter(Boolean);

/** False where the run's server is the coordinator of a Citus cluster. */
export const IS_ONE_SERVER = WORKERS.length === 0;

/** Port of a pooler in front of that server, where a run goes through one. */
export const DATABASE_POOLER = 'TEST_DATABASE_POOLER';

/** The migrated database that each test database is a copy of. */
export const TEMPLATE = 'scim_tokens_template';

export interface TestDatabase {
  /** For the app; through the pooler where there is one. */
  url: string;
  /** Past any pooler, for LISTEN and whatever else a session keeps. */
  directUrl: string;
  drop: () => Promise<void>;
}

/** A database of the caller's own, with our tables. */
export const createTestDatabase = (): Promise<TestDatabase> => create(TEMPLATE);

/** A database of the caller's own, without anything in it. */
export const createEmptyDatabase = (): Promise<TestDatabase> => create('template1');

/** A database without anything in it, whose LC_CTYPE knows the letters of ASCII alone. */
export const createAsciiDatabase = (): Promise<TestDatabase> =>
  create(`template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' LOCALE_PROVIDER libc`);

/** A server's connection string, for another of its databases. */
export function inDatabase(url: string, database: string): string {
  return url.replace(/[^/]+$/, database);
}

/** The variables by which an app finds a test's database. */
export function databaseVariables(url: string): Record<string, string> {
  const pooler = process.env[DATABASE_POOLER];
  if (pooler === undefined || new URL(url).port !== pooler) return { DATABASE_URL: url };
  const [database = ''] = url.split('/').slice(-1);
  return { DATABASE_URL: url, DATABASE_LISTEN_URL: inDatabase(serverUrl(), database) };
}

/** A connection string's database, on another host and port. */
export function through(url: string, host: string): string {
  return url.replace(/@[^/]*/, `@${host}`);
}

function serverUrl(): string {
  const server = process.env[DATABASE_SERVER];
  if (server === undefined) throw new Error('No test server: run the tests by npm test');
  return server;
}

async function create(template: string): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  // A copy of files, not of pages through the log: a third of the work where nothing waits for a disk.
  const options = `TEMPLATE ${template} OWNER ${SERVICE.name} STRATEGY file_copy`;
  await asSuperuser(`CREATE DATABASE ${name} ${options}`);
  const directUrl = inDatabase(serverUrl(), name);
  const pooler = process.env[DATABASE_POOLER];
  return {
    url: pooler === undefined ? directUrl : through(directUrl, `127.0.0.1:${pooler}`),
    directUrl,
    drop: () => asSuperuser(`DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** Runs a statement about databases on the server, and on its workers, which have each one too. */
export async function asSuperuser(sql: string): Promise<void> {
  const url = new URL(inDatabase(serverUrl(), 'postgres'));
  url.username = SUPERUSER.name;
  url.password = process.env[SUPERUSER_PASSWORD] ?? '';
  for (const address of [url.host, ...WORKERS]) await runAlone(through(url.href, address), sql);
}

/** A template is copied by one worker at a time: PostgreSQL refuses it while another one looks at it. */
async function runAlone(url: string, sql: string): Promise<void> {
  const client = new Client(url);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
