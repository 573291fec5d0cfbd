import { Logger } from '@nestjs/common';
import type { Client } from 'pg';
import type { DataSource } from 'typeorm';
import { startFailure } from '../../service/start-failure';
import type { AppConfig } from '../../service/config/config';
import { MIGRATIONS_TABLE } from '../../database/data-source.options';
import { PreparedStatements } from '../../database/prepared-statements';
import { hasEmbeddedPostgres } from '../../service/embedded-postgres/embedded-postgres';
import { serverBinaries } from '../../service/embedded-postgres/binaries';
import { serverUser } from '../../service/embedded-postgres/server-home';
import { RevocationChannel } from '../../verification/revocation-channel';
import { TokenCache } from '../../verification/token-cache';
import { describeOrphans } from '../../service/orphaned-tenants';
import { OpenTenantDirectory } from '../../core/tenant-directory';
import { TenantsRepository } from '../../database/tenants.repository';
import { withDatabase } from '../with-database';
import { failed, ok, skipped, type Finding } from './finding';

/** Major versions of PostgreSQL that are supported. */
const VERSIONS = { oldest: 14, newest: 18 } as const;
/** Milliseconds between two clocks that are taken for none. */
const MAX_SKEW_MS = 2_000;

/** Checks that need a database. */
export const NEED_DATABASE = ['statements', 'migrations', 'tenants', 'clock', 'listener'];

/** Whether there is a database, and then what is to be known of it. */
export async function checkDatabase(
  config: AppConfig,
  environment: NodeJS.ProcessEnv,
): Promise<Finding[]> {
  try {
    if (config.database.url === null && !hasEmbeddedPostgres(config.dataDir)) {
      serverBinaries(serverUser());
      return [
        ok('database', 'The embedded PostgreSQL is installed; the first start prepares it'),
        ...NEED_DATABASE.map((check) => skipped(check, 'no database yet')),
      ];
    }
    return await withDatabase(environment, async (dataSource) => {
      const server = await checkServer(dataSource);
      const statements = await checkStatements(dataSource, config.tokens);
      const migrations = await checkMigrations(dataSource, config.database);
      return [
        server,
        statements,
        migrations,
        migrations.status === 'ok'
          ? await checkTenants(dataSource, config)
          : skipped('tenants', 'needs the migrations'),
        await checkClock(dataSource),
        await checkListener(dataSource, config),
      ];
    });
  } catch (error) {
    return [
      failed('database', startFailure(error), 'Check DATABASE_URL, and DATABASE_SCHEMA.'),
      ...NEED_DATABASE.map((check) => skipped(check, 'needs the database')),
    ];
  }
}

async function checkServer(dataSource: DataSource): Promise<Finding> {
  const [row] = await dataSource.query<{ version: string }[]>(
    `SELECT current_setting('server_version') AS version`,
  );
  const version = row?.version ?? '';
  const major = parseInt(version, 10);
  const message = `PostgreSQL ${version}`;
  return major >= VERSIONS.oldest && major <= VERSIONS.newest
    ? ok('database', message)
    : failed('database', message, `Use PostgreSQL ${VERSIONS.oldest} to ${VERSIONS.newest}.`);
}

/** Two connections in turn: a pooler that lends both the same one makes a name unknown there, or known already. */
async function checkStatements(
  dataSource: DataSource,
  { preparedStatements: mode }: AppConfig['tokens'],
): Promise<Finding> {
  const variable = 'DATABASE_PREPARED_STATEMENTS';
  if (mode === 'off') return ok('statements', `Planned each time: ${variable} is off`);
  // What it would log is the finding.
  Logger.overrideLogger(false);
  const prepared = new PreparedStatements('auto');
  const runners = [dataSource.createQueryRunner(), dataSource.createQueryRunner()];
  try {
    for (const runner of [...runners, ...runners]) {
      await prepared.run((await runner.connect()) as Client, 'SELECT 1');
    }
  } finally {
    for (const runner of runners) await runner.release();
  }
  if (prepared.isOn) return ok('statements', 'Reads are prepared once on each connection');
  return mode === 'auto'
    ? ok('statements', 'Planned each time: a pooler in transaction mode does not keep statements')
    : failed(
        'statements',
        `${variable} is on, and a pooler in transaction mode does not keep statements`,
        `Set ${variable} to auto, or max_prepared_statements at PgBouncer (1.21 and newer).`,
      );
}

/** Reads alone: TypeORM's own look would make the table of migrations. */
async function checkMigrations(
  dataSource: DataSource,
  { schema, migrateOnStart }: AppConfig['database'],
): Promise<Finding> {
  const table = `${dataSource.driver.escape(schema)}.${dataSource.driver.escape(MIGRATIONS_TABLE)}`;
  const [found] = await dataSource.query<{ exists: boolean }[]>(
    'SELECT to_regclass($1) IS NOT NULL AS exists',
    [table],
  );
  const rows = found?.exists
    ? await dataSource.query<{ name: string }[]>(`SELECT name FROM ${table}`)
    : [];
  const ran = new Set(rows.map(({ name }) => name));
  const pending = dataSource.migrations
    .map((migration) => migration.name ?? migration.constructor.name)
    .filter((name) => !ran.delete(name));
  if (pending.length > 0) {
    return failed(
      'migrations',
      `Not run: ${pending.join(', ')}`,
      migrateOnStart
        ? 'Start the service: it runs them.'
        : 'Run `npm run typeorm -- migration:run`, or start once with MIGRATE_ON_START=true.',
    );
  }
  return ran.size === 0
    ? ok('migrations', `All ${rows.length} have run`)
    : failed(
        'migrations',
        `The database is ahead of this version: ${[...ran].join(', ')}`,
        'Run the newer version everywhere, or take its migrations back with it.',
      );
}

/** A tenant that is gone from the directory, and whose tokens work on. */
async function checkTenants(
  dataSource: DataSource,
  { tenantDirectory }: AppConfig,
): Promise<Finding> {
  if (tenantDirectory instanceof OpenTenantDirectory) {
    return skipped('tenants', 'TENANTS_FILE is not set: every tenant exists');
  }
  const orphans = await describeOrphans(new TenantsRepository(dataSource), tenantDirectory);
  return orphans === null
    ? ok('tenants', 'TENANTS_FILE knows every tenant that has tokens')
    : failed(
        'tenants',
        orphans,
        'Revoke them by revoke-all, as a super_admin, or put the tenants back into TENANTS_FILE.',
      );
}

async function checkClock(dataSource: DataSource): Promise<Finding> {
  const before = Date.now();
  const [row] = await dataSource.query<{ now: Date }[]>('SELECT now() AS now');
  const after = Date.now();
  const skewMs = Math.round(Number(row?.now) - (before + after) / 2);
  const message = `The database's clock is ${Math.abs(skewMs)} ms ${skewMs < 0 ? 'behind' : 'ahead'}`;
  return Math.abs(skewMs) - (after - before) / 2 <= MAX_SKEW_MS
    ? ok('clock', message)
    : failed('clock', message, 'Run NTP on this machine and on that of the database.');
}

/** As the service proves it: a notification to itself, sent over the pool, must come back. */
async function checkListener(dataSource: DataSource, { tokens }: AppConfig): Promise<Finding> {
  const { cacheTtlSeconds } = tokens;
  if (cacheTtlSeconds === 0)
    return skipped('listener', 'Nothing is cached: SCIM_TOKEN_CACHE_TTL_SECONDS is 0');
  // What it would log is the finding.
  Logger.overrideLogger(false);
  const cache = new TokenCache({ cacheTtlSeconds, cacheMax: 1 });
  const channel = new RevocationChannel(dataSource, cache, tokens);
  try {
    await channel.start();
    return channel.isConnected
      ? ok(
          'listener',
          `A notification came back in ${Math.ceil((channel.lagSeconds ?? 0) * 1000)} ms`,
        )
      : failed(
          'listener',
          'A notification to ourselves did not come back: revocations made elsewhere are not heard',
          'Set DATABASE_LISTEN_URL to a direct connection, past any pooler such as PgBouncer.',
        );
  } finally {
    await channel.stop();
  }
}
