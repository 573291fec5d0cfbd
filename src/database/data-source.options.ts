import type { DataSourceOptions } from 'typeorm';
import { SCIM_TOKEN_ENTITIES } from './entities';
import { SCIM_TOKEN_MIGRATIONS } from './migrations';
import { StrictClient } from './strict-client';

/** Table in which the migrations that ran are recorded, apart from a host's own history. */
export const MIGRATIONS_TABLE = 'scim_token_migrations';

/** Where and how to connect. */
export interface DatabaseSettings {
  /** `postgres://…` connection string. */
  readonly url: string;
  /** Schema the tables lie in. */
  readonly schema: string;
  /** Most connections the pool opens. */
  readonly poolMax: number;
  /** Milliseconds after which a statement is given up; 0 for never, as migrations want it. */
  readonly queryTimeoutMs?: number;
}

/** Milliseconds to wait for a connection: longer means the database is unreachable (503). */
const CONNECT_TIMEOUT_MS = 3_000;
/** Milliseconds after which a statement is given up, so that nothing hangs on a stuck server. */
const QUERY_TIMEOUT_MS = 5_000;
/** Milliseconds of silence before the system asks whether the server is still there. */
const KEEP_ALIVE_MS = 10_000;

/** For whatever connects: nothing waits for ever, and a connection of no use is not kept. */
export const CONNECTION_BOUNDS = {
  connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  query_timeout: QUERY_TIMEOUT_MS,
  keepAlive: true,
  keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
  Client: StrictClient,
};

/**
 * The one description of our data source: the service, the TypeORM command line and the tests use it.
 * The schema is made by migrations alone; `synchronize` is never on.
 */
export function dataSourceOptions(settings: DatabaseSettings): DataSourceOptions {
  return {
    type: 'postgres',
    url: settings.url,
    schema: settings.schema,
    entities: [...SCIM_TOKEN_ENTITIES],
    migrations: [...SCIM_TOKEN_MIGRATIONS],
    migrationsTableName: MIGRATIONS_TABLE,
    synchronize: false,
    logging: false,
    // Nothing of ours needs an extension, and creating one needs rights a service should not have.
    installExtensions: false,
    poolSize: settings.poolMax,
    applicationName: 'scim-tokens',
    extra: {
      ...CONNECTION_BOUNDS,
      // TypeORM 0.3.0 does not know poolSize.
      max: settings.poolMax,
      ...(settings.queryTimeoutMs !== undefined && { query_timeout: settings.queryTimeoutMs }),
    },
  };
}
