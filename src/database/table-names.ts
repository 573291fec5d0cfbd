import type { DataSource } from 'typeorm';

/** Our tables' names without schema or prefix. */
const TABLES = {
  tokens: 'scim_tokens',
  secrets: 'scim_token_secrets',
  tenants: 'scim_token_tenants',
  events: 'scim_token_events',
  usage: 'scim_token_usage',
} as const;

/** Quoted and schema-qualified names of our tables, ready for SQL text. */
export type QualifiedTables = Readonly<Record<keyof typeof TABLES, string>>;

/** Names our tables as the data source does: in its schema, with its entity prefix. */
export function qualifiedTables(dataSource: DataSource): QualifiedTables {
  const { options, driver } = dataSource;
  const schema = 'schema' in options ? options.schema : undefined;
  const qualify = (table: string): string =>
    driver
      .buildTableName(`${options.entityPrefix ?? ''}${table}`, schema ?? 'public')
      .split('.')
      .map((part) => driver.escape(part))
      .join('.');
  return {
    tokens: qualify(TABLES.tokens),
    secrets: qualify(TABLES.secrets),
    tenants: qualify(TABLES.tenants),
    events: qualify(TABLES.events),
    usage: qualify(TABLES.usage),
  };
}
