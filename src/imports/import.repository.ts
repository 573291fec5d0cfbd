import type { SecretMac } from '../secrets/secret-hasher';
import type { TokenRow } from '../core/token-row';
import type { TenantTransaction } from '../ledger/tenant-transaction';

/** A token to import, with the digest that its value is found by. */
export interface ImportedToken {
  readonly token: TokenRow;
  /** SHA-256 of the value, in lower-case hex. */
  readonly digest: string;
  /** MAC of the digest: whoever can only write the database cannot put another in its place. */
  readonly mac: SecretMac;
  readonly secretId: string;
}

/** SQL of imports: a few statements for any number of rows. */
export class ImportRepository {
  /**
   * Which of these digests there is a secret of, whosever it is. Imports look one after the other, each
   * until its transaction ends: what is found to be free stays so, with or without an index over all tenants.
   */
  async known(transaction: TenantTransaction, digests: readonly string[]): Promise<Set<string>> {
    const { secrets } = transaction.tables;
    await transaction.rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [
      `imports into ${secrets}`,
    ]);
    const rows = await transaction.rows<{ lookup_id: string }>(
      `SELECT lookup_id FROM ${secrets} WHERE lookup_id = ANY($1::text[])`,
      [digests],
    );
    return new Set(rows.map(({ lookup_id }) => lookup_id));
  }

  /** Stores tokens with their secrets, whose digests are not known. */
  async insert(transaction: TenantTransaction, imported: readonly ImportedToken[]): Promise<void> {
    if (imported.length === 0) return;
    const { tokens, secrets } = transaction.tables;
    await transaction.affected(
      `INSERT INTO ${tokens}
         (id, tenant_id, name, description, token_prefix, last_four, scopes, allowed_ips, enabled,
          expires_at, created_at, updated_at, created_by, version, allowed_ips_mode)
       SELECT id, tenant_id, name, description, token_prefix, last_four,
         ARRAY(SELECT jsonb_array_elements_text(scopes)), ARRAY(SELECT jsonb_array_elements_text(allowed_ips)),
         enabled, expires_at, created_at, updated_at, created_by, version, allowed_ips_mode
       FROM jsonb_to_recordset($1::jsonb) AS r (id uuid, tenant_id text, name text, description text,
         token_prefix text, last_four text, scopes jsonb, allowed_ips jsonb, enabled boolean,
         expires_at timestamptz, created_at timestamptz, updated_at timestamptz, created_by text, version int, allowed_ips_mode text)`,
      [JSON.stringify(imported.map(({ token }) => token))],
    );
    await transaction.affected(
      `INSERT INTO ${secrets} (tenant_id, id, token_id, format, lookup_id, last_four, created_at, secret_mac, pepper_id)
       SELECT $8, id, token_id, 'sha256', lookup_id, last_four, created_at, secret_mac, pepper_id
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])
         AS r (id, token_id, lookup_id, last_four, created_at, secret_mac, pepper_id)`,
      [
        imported.map(({ secretId }) => secretId),
        imported.map(({ token }) => token.id),
        imported.map(({ digest }) => digest),
        imported.map(({ token }) => token.last_four),
        imported.map(({ token }) => token.created_at),
        imported.map(({ mac }) => mac.secretMac),
        imported.map(({ mac }) => mac.pepperId),
        transaction.tenantId,
      ],
    );
  }
}
