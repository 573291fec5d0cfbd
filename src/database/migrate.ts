import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { dataSourceOptions, MIGRATIONS_TABLE } from './data-source.options';
import { SCIM_TOKEN_ENTITIES } from './entities';
import { SCIM_TOKEN_MIGRATIONS } from './migrations';
import { OWN_TYPES } from './own-types';

/** Key of the advisory lock under which instances migrate one after the other ("scim" in ASCII). */
export const MIGRATION_LOCK = 0x7363696d;
/** Connections a migration takes: one holds the lock. */
const POOL_SIZE = 2;
/** Milliseconds to wait for a connection: a database that starts beside us may take longer than a request may. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Brings the tables of the service's database up to date, as {@link runScimTokenMigrations} does a host's.
 *
 * @param url `postgres://…` connection string
 * @returns the names of the migrations that ran
 */
export function runMigrations(url: string, schema = 'public'): Promise<string[]> {
  const options = dataSourceOptions({ url, schema, poolMax: POOL_SIZE });
  const extra = { ...(options.extra as object), connectionTimeoutMillis: CONNECT_TIMEOUT_MS };
  return migrate({ ...options, extra });
}

/**
 * Brings our tables in a host's database up to date, apart from the host's own history: what ran is
 * recorded in `scim_token_migrations`. Uses the host's connection settings, schema, entity prefix and
 * naming strategy, over connections of its own. Instances may start together: a session-level advisory
 * lock lets one migrate while the others wait. Needs a direct connection, since a pooler in transaction
 * mode grants such a lock to several clients.
 *
 * @returns the names of the migrations that ran
 */
export function runScimTokenMigrations(host: DataSource): Promise<string[]> {
  return migrate(host.options);
}

async function migrate(options: DataSourceOptions): Promise<string[]> {
  const dataSource = new DataSource({
    ...options,
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
    // Limits and parsers are for other statements: an index on a large table takes longer.
    extra: {
      ...(options.extra as object),
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
    await makeSchema(lock, dataSource);
    const ran = await dataSource.runMigrations({ transaction: 'each' });
    return ran.map((migration) => migration.name);
  } finally {
    // With its connection goes the lock.
    await dataSource.destroy();
  }
}

/** Asked for first: a role that may not make schemas may use one that is there. */
async function makeSchema(lock: QueryRunner, { options, driver }: DataSource): Promise<void> {
  const schema = 'schema' in options ? options.schema : undefined;
  if (schema === undefined) return;
  const found = (await lock.query('SELECT FROM pg_namespace WHERE nspname = $1', [
    schema,
  ])) as unknown[];
  if (found.length === 0) await lock.query(`CREATE SCHEMA IF NOT EXISTS ${driver.escape(schema)}`);
}
