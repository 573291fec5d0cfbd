import { randomUUID } from 'node:crypto';
import { Client } from 'pg';

/** Environment variable by which the workers find the run's server. */
export const DATABASE_SERVER = 'TEST_DATABASE_SERVER';

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

/** A server's connection string, for another of its databases. */
export function inDatabase(url: string, database: string): string {
  return url.replace(/[^/]+$/, database);
}

/** The variables by which an app finds a test's database. */
export function databaseVariables(url: string): Record<string, string> {
  const pooler = process.env[DATABASE_POOLER];
  if (pooler === undefined || new URL(url).port !== pooler) return { DATABASE_URL: url };
  const { port } = new URL(process.env[DATABASE_SERVER] ?? url);
  return { DATABASE_URL: url, DATABASE_LISTEN_URL: withPort(url, port) };
}

function withPort(url: string, port: string | undefined): string {
  return port === undefined ? url : url.replace(/:\d+(?=\/[^/]*$)/, `:${port}`);
}

async function create(template: string): Promise<TestDatabase> {
  const server = process.env[DATABASE_SERVER];
  if (server === undefined) throw new Error('No test server: run the tests by npm test');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await run(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  const directUrl = inDatabase(server, name);
  return {
    url: withPort(directUrl, process.env[DATABASE_POOLER]),
    directUrl,
    drop: () => run(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

/** A template is copied by one worker at a time: PostgreSQL refuses it while another one looks at it. */
async function run(server: string, sql: string): Promise<void> {
  const client = new Client(server);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(sql);
  } finally {
    await client.end();
  }
}
