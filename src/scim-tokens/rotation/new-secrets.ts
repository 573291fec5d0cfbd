import type { QualifiedTables } from '../../database/table-names';
import type { TokenRow } from '../scim-tokens.repository';

interface NewSecretRow {
  readonly token_id: string;
  readonly rotation_started_at: Date;
  readonly new_first_used_at: Date | null;
}

/**
 * The rows, those of tokens under rotation with what is known of their new secret. These are few: a
 * read of their own costs less than a join in every other one.
 */
export async function withNewSecrets<Row extends TokenRow>(
  rows: Row[],
  { secrets, tokens }: QualifiedTables,
  query: (sql: string, parameters: unknown[]) => Promise<NewSecretRow[]>,
): Promise<Row[]> {
  const rotated = rows.filter(({ previous_expires_at }) => previous_expires_at !== null);
  if (rotated.length === 0) return rows;
  const found = await query(
    `SELECT c.token_id, c.created_at AS rotation_started_at, c.first_used_at AS new_first_used_at
     FROM ${tokens} t
     JOIN ${secrets} p ON p.token_id = t.id AND p.expires_at IS NOT NULL AND p.retired_at IS NULL
     JOIN ${secrets} c ON c.token_id = t.id AND c.expires_at IS NULL AND c.retired_at IS NULL
     WHERE t.id = ANY($1::uuid[]) AND t.tenant_id = ANY($2)`,
    [rotated.map(({ id }) => id), rotated.map(({ tenant_id }) => tenant_id)],
  );
  const byToken = new Map(found.map((secret) => [secret.token_id, secret]));
  return rows.map((row) => ({ ...row, ...byToken.get(row.id) }));
}
