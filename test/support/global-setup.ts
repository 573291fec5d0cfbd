import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/service/embedded-postgres/embedded-postgres';
import { passwordIn, SERVICE, SUPERUSER } from '../../src/service/embedded-postgres/roles';
import { runMigrations } from '../../src/database/migrate';
import {
  asSuperuser,
  DATABASE_SERVER,
  SUPERUSER_PASSWORD,
  TEMPLATE,
  inDatabase,
} from './test-database';
import { startCollecting } from './statements';

declare global {
  var testServer: { server: EmbeddedPostgres; folder: string } | undefined;
  /** Folder of the statements that are sent. */
  var statements: string | undefined;
}

/** One real PostgreSQL for all workers, with a migrated database to copy from. */
export default async function globalSetup(): Promise<void> {
  startCollecting();
  // A run within a run shares the outer one's server.
  if (process.env[DATABASE_SERVER] !== undefined) return;
  // For the tests that start the service as a process.
  execFileSync(process.execPath, ['-e', "require('./scripts/ensure-built').ensureBuilt()"], {
    cwd: join(__dirname, '../..'),
    stdio: 'inherit',
  });
  const folder = mkdtempSync(join(tmpdir(), 'scim-tokens-test-'));
  const server = await startEmbeddedPostgres({ dataDir: folder });
  process.env[DATABASE_SERVER] = server.url;
  process.env[SUPERUSER_PASSWORD] = passwordIn(folder, SUPERUSER);
  // No test cuts the power: what a server that is killed has written, the kernel still has.
  await asSuperuser('ALTER SYSTEM SET fsync = off');
  await asSuperuser('SELECT pg_reload_conf()');
  await asSuperuser(`CREATE DATABASE ${TEMPLATE} OWNER ${SERVICE.name}`);
  await runMigrations(inDatabase(server.url, TEMPLATE));
  globalThis.testServer = { server, folder };
}
