import { Inject } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { runScimTokenMigrations } from './migrate-host';
import { withOwnStatements } from './own-statements';

/** Injection token of the data source that holds our tables, whatever the host calls it. */
export const SCIM_TOKENS_DATA_SOURCE = Symbol('scim-tokens.data-source');

/** Injects the data source that holds our tables, as our statements see it. */
export const InjectScimTokensDataSource = (): ParameterDecorator & PropertyDecorator =>
  Inject(SCIM_TOKENS_DATA_SOURCE);

/**
 * The host's data source, as our statements see it: with our tables in the schema that the host chose for
 * them, and there, where the module is to make them.
 *
 * @throws Error where there is no such data source, or it is none of PostgreSQL
 */
export async function scimTokensDataSource(
  dataSource: DataSource | undefined,
  name: string,
  { schema, runMigrations }: Pick<ResolvedScimTokensOptions, 'schema' | 'runMigrations'>,
): Promise<DataSource> {
  if (dataSource?.options.type !== 'postgres') {
    throw new Error(
      `ScimTokensModule: dataSource takes the name of a PostgreSQL data source of TypeORM's; "${name}" is none`,
    );
  }
  const ours = schema === null ? dataSource : withSchema(dataSource, schema);
  if (runMigrations) await runScimTokenMigrations(ours);
  return withOwnStatements(ours);
}

/** The same data source but for the schema; the host's own stays as it is. */
function withSchema(dataSource: DataSource, schema: string): DataSource {
  const options = { ...dataSource.options, schema };
  return Object.create(dataSource, { options: { value: options } }) as DataSource;
}
