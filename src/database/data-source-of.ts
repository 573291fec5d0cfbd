import type { DataSource, QueryRunner } from 'typeorm';

/** What a runner of TypeORM 1 calls its data source, one of 0.3 calls its connection. */
type AnyRunner = Pick<QueryRunner, 'dataSource'> | { readonly connection: DataSource };

/** The data source that a runner belongs to, on each TypeORM that we support. */
export function dataSourceOf(runner: AnyRunner): DataSource {
  return 'dataSource' in runner ? runner.dataSource : runner.connection;
}
