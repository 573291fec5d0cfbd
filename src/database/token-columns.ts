import { NO_USAGE, STORED_COLUMNS } from '../core/token';
import type { QualifiedTables } from './table-names';

/** Columns of a `StoredToken`, of the table that is called so. */
export function storedColumns(table: string): string {
  return STORED_COLUMNS.map((column) => `${table}.${column}`).join(', ');
}

/** When the token ends that is called so: never comes after all times. */
export function endOf(table: string): string {
  return `coalesce(${table}.expires_at, 'infinity')`;
}

/** What a `TokenRow` is read from, in {@link tokenSource}. */
export const TOKEN_COLUMNS = [
  storedColumns('t'),
  ...Object.keys(NO_USAGE).map((column) => `u.${column}`),
].join(', ');

/** Tokens as `t` with their usage as `u`. */
export function tokenSource({ tokens, usage }: QualifiedTables): string {
  return `${tokens} t LEFT JOIN ${usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id`;
}
