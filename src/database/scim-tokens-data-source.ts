import { Inject } from '@nestjs/common';
import { getRepositoryToken } from '@nestjs/typeorm';
import * as typeorm from 'typeorm';
import type { DataSource } from 'typeorm';
import type { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { runScimTokenMigrations } from './migrate';
import { withOwnStatements, type OwnDataSource } from './own-statements';
import { PreparedStatements } from './prepared-statements';

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
  {
    schema,
    runMigrations,
    preparedStatements,
  }: Pick<ResolvedScimTokensOptions, 'schema' | 'runMigrations' | 'preparedStatements'>,
): Promise<OwnDataSource> {
  if (dataSource?.options.type !== 'postgres') {
    throw new Error(
      `ScimTokensModule: dataSource takes the name of a PostgreSQL data source of TypeORM's; "${name}" is none`,
    );
  }
  const ours = schema === null ? dataSource : withSchema(dataSource, schema);
  if (runMigrations) await runScimTokenMigrations(ours);
  return withOwnStatements(ours, new PreparedStatements(preparedStatements));
}

/** The same data source but for the schema; the host's own stays as it is. */
function withSchema(dataSource: DataSource, schema: string): DataSource {
  const options = { ...dataSource.options, schema };
  return Object.create(dataSource, { options: { value: options } }) as DataSource;
}

/**
 * Stops the start of a host whose TypeORM, or whose @nestjs/typeorm beside it, cannot carry us: what comes
 * later would say so only by the name of something undefined.
 *
 * @throws Error that says what to install
 */
export function requireTypeOrm(
  found: object = typeorm,
  tokenOf: (entity: ObjectConstructor) => unknown = getRepositoryToken,
): void {
  if (!('DataSource' in found)) {
    throw new Error(
      'nest-scim-tokens takes TypeORM 0.3 or 1, and found an older one: npm install typeorm@0.3 @nestjs/typeorm@11',
    );
  }
  try {
    // As for any entity.
    tokenOf(Object);
  } catch {
    // 11.0.0 and before look at a class that TypeORM 1 has no longer.
    throw new Error(
      'This @nestjs/typeorm cannot run the TypeORM installed beside it: npm install @nestjs/typeorm@^11.0.1 for TypeORM 1',
    );
  }
}
