import type { QueryRunner } from 'typeorm';
import type { QualifiedTables } from '../database/table-names';

/** A secret's row, its times as text of UTC. */
export interface SecretRow {
  readonly format: string;
  readonly lookup_id: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly retired_at: string | null;
  readonly former_expires_at: string | null;
}

/** A token's row and its secrets, as the check reads them. */
export interface CheckedToken extends Readonly<Record<string, unknown>> {
  readonly id: string;
  readonly created_at: Date;
  readonly revoked_at: Date | null;
  readonly secrets: readonly SecretRow[];
}

/** Tokens that are read at a time. */
const BATCH = 500;

const SECRET_COLUMNS = ['created_at', 'expires_at', 'retired_at', 'former_expires_at']
  .map((column) => `'${column}', s.${column} AT TIME ZONE 'UTC'`)
  .join(', ');

/** Every token of a tenant, batch by batch; the revoked ones last, since each kind has an index of its own. */
export async function* tokensOfTenant(
  runner: QueryRunner,
  { tokens, secrets }: QualifiedTables,
  tenantId: string,
): AsyncGenerator<CheckedToken[]> {
  const branch = (revoked: 'IS NULL' | 'IS NOT NULL', from: string): string =>
    `(SELECT t.*, coalesce((
        SELECT json_agg(json_build_object('format', s.format, 'lookup_id', s.lookup_id, ${SECRET_COLUMNS}))
        FROM ${secrets} s WHERE s.tenant_id = t.tenant_id AND s.token_id = t.id), '[]') AS secrets
      FROM ${tokens} t WHERE tenant_id = $1 AND revoked_at ${revoked} AND ${from}
      ORDER BY created_at, id LIMIT ${BATCH})`;
  const after = '(created_at, id) > ($2, $3)';
  const kinds = ['IS NULL', 'IS NOT NULL'] as const;
  const first = await read(kinds.map((kind) => branch(kind, 'true')).join(' UNION ALL '), [
    tenantId,
  ]);
  yield first;
  // Most tenants have fewer than a batch of either.
  for (const kind of kinds) {
    let batch = first.filter(({ revoked_at }) => (revoked_at === null) === (kind === 'IS NULL'));
    while (batch.length === BATCH) {
      const last = batch.at(-1);
      batch = await read(branch(kind, after), [tenantId, last?.created_at, last?.id]);
      yield batch;
    }
  }

  async function read(sql: string, parameters: unknown[]): Promise<CheckedToken[]> {
    return (await runner.query(sql, parameters)) as CheckedToken[];
  }
}
