import { SCIM_TOKEN_ENTITIES } from 'nest-scim-tokens';
import type { DataSourceOptions } from 'typeorm';
import { CreateScimResources1764100000000 } from './migrations/1764100000000-create-scim-resources';
import { FoldKeys1764300000000 } from './migrations/1764300000000-fold-keys';

const POOL_MAX = 10;
/** Milliseconds a statement may take: the bound on what a filter can cost. */
const STATEMENT_TIMEOUT_MS = 5_000;

/** The app's data source: its own tables, and those of SCIM tokens, whose module migrates them itself. */
export function dataSourceOptions(databaseUrl: string): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl,
    entities: [...SCIM_TOKEN_ENTITIES],
    migrations: [CreateScimResources1764100000000, FoldKeys1764300000000],
    migrationsRun: true,
    // Through a pooler in transaction mode this is no startup parameter: set it on the database role there.
    extra: { max: POOL_MAX, statement_timeout: STATEMENT_TIMEOUT_MS },
  };
}
