import { randomUUID } from 'node:crypto';
import type { Client as Database } from 'pg';
import { mintAccessToken } from '../../src/secrets/scim-token.secret';

/** How an access token is to be stored, where it is not as an hour's with all scopes. */
export interface IssuedAs {
  scopes?: readonly string[];
  issuedAt?: Date;
  ttlMs?: number;
  /** Id of the secret that it was got with; null for none, and the current one without it. */
  secretId?: string | null;
}

const ALL = ['users:read', 'users:write', 'groups:read', 'groups:write'];

/** Stores an access token of a token as the token endpoint would, and returns its value. */
export async function issueAccessToken(
  sql: Database,
  id: string,
  { scopes = ALL, issuedAt = new Date(), ttlMs = 3_600_000, secretId }: IssuedAs = {},
): Promise<string> {
  const { value, lookupId, valueHash, lastFour } = mintAccessToken('scim');
  const { rowCount } = await sql.query(
    `INSERT INTO scim_token_access_tokens (tenant_id, id, token_id, secret_id, lookup_id, value_hash, last_four, scopes, issued_at, expires_at)
     SELECT t.tenant_id, $2, t.id, CASE WHEN $3 THEN $4 ELSE s.id END, $5, $6, $7, $8, $9, $10
     FROM scim_tokens t LEFT JOIN scim_token_secrets s
       ON s.tenant_id = t.tenant_id AND s.token_id = t.id AND s.expires_at IS NULL AND s.retired_at IS NULL
     WHERE t.id = $1`,
    [
      uuidOfToken(id),
      randomUUID(),
      secretId !== undefined,
      secretId ?? null,
      lookupId,
      valueHash,
      lastFour,
      scopes,
      issuedAt,
      new Date(issuedAt.getTime() + ttlMs),
    ],
  );
  if (rowCount !== 1) throw new Error(`There is no token ${id}`);
  return value;
}

/** The UUID behind `sct_…`. */
export function uuidOfToken(id: string): string {
  return id.slice(4).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
