import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/database/embedded-postgres';
import { runMigrations } from '../../src/database/migrate';
import { DATABASE_SERVER, TEMPLATE, inDatabase } from './test-database';

declare global {
  var testServer: { server: EmbeddedPostgres; folder: string } | undefined;
}

/** One real PostgreSQL for all workers, with a migrated database to copy from. */
export default async function globalSetup(): Promise<void> {
  // A run within a run shares the outer one's server.
  if (process.env[DATABASE_SERVER] !== undefined) return;
  // For the tests that start the service as a process.
  execFileSync(process.execPath, ['-e', "require('./scripts/ensure-built').ensureBuilt()"], {
    cwd: join(__dirname, '../..'),
    stdio: 'inherit',
  });
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-test-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  const client = new Client(server.url);
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  await runMigrations(inDatabase(server.url, TEMPLATE));
  process.env[DATABASE_SERVER] = server.url;
  globalThis.testServer = { server, folder };
}
