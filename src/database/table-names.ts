import type { DataSource, QueryRunner } from 'typeorm';

/** Our tables' names without schema or prefix. */
const TABLES = {
  tokens: 'scim_tokens',
  secrets: 'scim_token_secrets',
  accessTokens: 'scim_token_access_tokens',
  tenants: 'scim_token_tenants',
  events: 'scim_token_events',
  usage: 'scim_token_usage',
  outbox: 'scim_token_outbox',
  failures: 'scim_token_auth_failures',
  setupLinks: 'scim_token_setup_links',
  scan: 'scim_token_scan',
  setupFailures: 'scim_token_setup_failures',
} as const;

/** Quoted and schema-qualified names of our tables, ready for SQL text. */
export type QualifiedTables = Readonly<Record<keyof typeof TABLES, string>>;

/** Names our tables as the data source does: in its schema, by its naming strategy, with its entity prefix. */
export function qualifiedTables(dataSource: DataSource): QualifiedTables {
  const { options, driver, namingStrategy } = dataSource;
  const schema = 'schema' in options ? options.schema : undefined;
  const named = (table: string): string => {
    const name = namingStrategy.tableName(table, table);
    const prefix = options.entityPrefix ?? '';
    return prefix === '' ? name : namingStrategy.prefixTableName(prefix, name);
  };
  const qualify = (table: string): string =>
    driver
      .buildTableName(named(table), schema ?? 'public')
      .split('.')
      .map((part) => driver.escape(part))
      .join('.');
  return {
    tokens: qualify(TABLES.tokens),
    secrets: qualify(TABLES.secrets),
    accessTokens: qualify(TABLES.accessTokens),
    tenants: qualify(TABLES.tenants),
    events: qualify(TABLES.events),
    usage: qualify(TABLES.usage),
    outbox: qualify(TABLES.outbox),
    failures: qualify(TABLES.failures),
    setupLinks: qualify(TABLES.setupLinks),
    scan: qualify(TABLES.scan),
    setupFailures: qualify(TABLES.setupFailures),
  };
}

/** What a runner of TypeORM 1 calls its data source, one of 0.3 calls its connection. */
type AnyRunner = Pick<QueryRunner, 'dataSource'> | { readonly connection: DataSource };

/** The data source that a runner belongs to, on each TypeORM that we support. */
export function dataSourceOf(runner: AnyRunner): DataSource {
  return 'dataSource' in runner ? runner.dataSource : runner.connection;
}
