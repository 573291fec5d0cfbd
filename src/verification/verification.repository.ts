import { Injectable } from '@nestjs/common';
import type { OwnDataSource } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { SecretMac } from '../secrets/secret-hasher';
import {
  toStoredAccessToken,
  toStoredSecret,
  type AccessTokenStateRow,
  type SecretStateRow,
  type StoredSecret,
} from './secret-state';

/** What a check needs to know of the token `t`. */
const TOKEN_STATE =
  't.tenant_id, t.scopes, t.allowed_ips, t.allowed_ips_mode, t.enabled, t.revoked_at IS NOT NULL AS revoked, t.expires_at';

type StateRead = 'one' | 'some' | 'accessToken';

/** A read's text, among all tenants and within one. */
interface ReadTexts {
  readonly inAll: string;
  readonly inTenant: string;
}

/** The SQL of a check: one indexed read by tenant and lookup id, never from a replica. */
@Injectable()
export class VerificationRepository {
  private readonly tables: QualifiedTables;
  /** Put together once, as long texts cost a check more than their parameters. */
  private readonly reads: Readonly<Record<StateRead, ReadTexts>>;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
    const { secrets, accessTokens, tokens } = this.tables;
    const secret = `SELECT s.id AS secret_id, s.format, s.secret_hash, s.secret_mac, s.pepper_id, s.created_at AS issued_at,
        CASE WHEN s.retired_at IS NULL THEN s.expires_at ELSE 'epoch' END AS ends_at, s.token_id,
        s.last_used_at IS NULL AS is_unused, coalesce(s.former_token_prefix, t.token_prefix) AS visible_prefix,
        t.auth_method, ${TOKEN_STATE}
      FROM ${secrets} s JOIN ${tokens} t ON t.tenant_id = s.tenant_id AND t.id = s.token_id
      WHERE s.lookup_id`;
    const accessToken = `SELECT a.value_hash, a.scopes AS granted_scopes, a.issued_at, a.expires_at AS ends_at, a.token_id, ${TOKEN_STATE}
      FROM ${accessTokens} a JOIN ${tokens} t ON t.tenant_id = a.tenant_id AND t.id = a.token_id
      WHERE a.lookup_id = $1`;
    const read = (inAll: string, tenant: string): ReadTexts => ({
      inAll,
      inTenant: `${inAll} AND ${tenant} = $2`,
    });
    this.reads = {
      // By one id in most cases. Of a list PostgreSQL does not know how long it is, and would plan it each time.
      one: read(`${secret} = $1`, 's.tenant_id'),
      some: read(`${secret} = ANY($1)`, 's.tenant_id'),
      accessToken: read(accessToken, 'a.tenant_id'),
    };
  }

  /**
   * The secret with one of these lookup ids and its token, our own form first.
   *
   * @param tenantId null to look in all tenants: whose a value is, is then what the check finds out
   */
  async find(lookupIds: readonly string[], tenantId: string | null): Promise<StoredSecret | null> {
    const rows = await (lookupIds.length === 1
      ? this.run<SecretStateRow>('one', lookupIds[0], tenantId)
      : this.run<SecretStateRow>('some', lookupIds, tenantId));
    const row = rows.find(({ format }) => format === 'native') ?? rows[0];
    return row ? toStoredSecret(row) : null;
  }

  /**
   * The access token with this lookup id and its token.
   *
   * @param tenantId null to look in all tenants
   */
  async findAccessToken(lookupId: string, tenantId: string | null): Promise<StoredSecret | null> {
    const [row] = await this.run<AccessTokenStateRow>('accessToken', lookupId, tenantId);
    return row ? toStoredAccessToken(row) : null;
  }

  private run<Row>(read: StateRead, sought: unknown, tenantId: string | null): Promise<Row[]> {
    const { inAll, inTenant } = this.reads[read];
    return tenantId === null
      ? this.dataSource.queryPrepared(inAll, [sought])
      : this.dataSource.queryPrepared(inTenant, [sought, tenantId]);
  }

  /** Whether any token was ever imported: where none was, only values of our own form are looked up. */
  async hasImported(): Promise<boolean> {
    const [row] = await this.dataSource.query<{ exists: boolean }[]>(
      `SELECT EXISTS (SELECT 1 FROM ${this.tables.secrets} WHERE format = 'sha256') AS exists`,
    );
    return row?.exists ?? false;
  }

  /** Gives a secret a new MAC, unless somebody else was first. */
  async replaceMac(
    { tenantId, secretId }: { readonly tenantId: string; readonly secretId: string },
    from: SecretMac,
    to: SecretMac,
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE ${this.tables.secrets} SET secret_mac = $2, pepper_id = $3
       WHERE tenant_id = $5 AND id = $1 AND pepper_id IS NOT DISTINCT FROM $4`,
      [secretId, to.secretMac, to.pepperId, from.pepperId, tenantId],
    );
  }
}
