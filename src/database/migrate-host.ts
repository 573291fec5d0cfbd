import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { SCIM_TOKEN_ENTITIES } from './entities';
import { dataSourceOf } from './data-source-of';
import { MIGRATIONS_TABLE } from './data-source.options';
import { MIGRATION_LOCK } from './migrate';
import { SCIM_TOKEN_MIGRATIONS } from './migrations';
import { OWN_TYPES } from './own-types';

/** Connections a migration takes: one holds the lock. */
const POOL_SIZE = 2;

/**
 * Brings our tables in a host's database up to date, apart from the host's own history: what ran is
 * recorded in `scim_token_migrations`. Uses the host's connection settings, schema, entity prefix and
 * naming strategy, over connections of its own. Instances may start together. Needs a direct connection:
 * a pooler in transaction mode grants the lock to several clients.
 *
 * @returns the names of the migrations that ran
 */
export async function runScimTokenMigrations(host: DataSource): Promise<string[]> {
  const dataSource = new DataSource({
    ...host.options,
    entities: [...SCIM_TOKEN_ENTITIES],
    subscribers: [],
    migrations: [...SCIM_TOKEN_MIGRATIONS],
    migrationsTableName: MIGRATIONS_TABLE,
    synchronize: false,
    dropSchema: false,
    migrationsRun: false,
    installExtensions: false,
    poolSize: POOL_SIZE,
    cache: false,
    // A host's limits and parsers are for its statements: an index on a large table takes longer.
    extra: {
      ...(host.options.extra as object),
      max: POOL_SIZE,
      query_timeout: 0,
      statement_timeout: 0,
      types: OWN_TYPES,
    },
  } as DataSourceOptions);
  await dataSource.initialize();
  try {
    const lock = dataSource.createQueryRunner();
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await makeSchema(lock);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    // With its connection goes the lock.
    await dataSource.destroy();
  }
}

/** Asked for first: a role that may not make schemas may use one that is there. */
async function makeSchema(runner: QueryRunner): Promise<void> {
  const { options, driver } = dataSourceOf(runner);
  const schema = 'schema' in options ? options.schema : undefined;
  if (schema === undefined) return;
  const found = (await runner.query('SELECT FROM pg_namespace WHERE nspname = $1', [
    schema,
  ])) as unknown[];
  if (found.length === 0)
    await runner.query(`CREATE SCHEMA IF NOT EXISTS ${driver.escape(schema)}`);
}
