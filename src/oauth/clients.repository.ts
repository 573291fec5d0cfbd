import { Injectable } from '@nestjs/common';
import type { TokenOwner } from '../core/refusal';
import type { StoredToken } from '../core/token';
import type { OwnDataSource } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';

/** A token as the token endpoint sees it, with the secret that was presented, where it has that. */
export interface OAuthClient extends Pick<
  StoredToken,
  | 'id'
  | 'tenant_id'
  | 'auth_method'
  | 'scopes'
  | 'allowed_ips'
  | 'allowed_ips_mode'
  | 'enabled'
  | 'revoked_at'
  | 'expires_at'
  | 'access_token_ttl_seconds'
  | 'trust'
  | 'version'
> {
  /** Null where the token has no secret of that lookup id. */
  readonly secret_id: string | null;
  readonly secret_hash: string | null;
  readonly secret_mac: string | null;
  readonly pepper_id: string | null;
  /** How the one value begins that was minted with the secret. */
  readonly visible_prefix: string | null;
  /** When a rotation ends the secret, long ago where it has; null for the current one. */
  readonly secret_ends_at: Date | null;
  /** Whether the secret, or where there is none the token, has never been used. */
  readonly is_unused: boolean;
}

const CLIENT_COLUMNS =
  't.id, t.tenant_id, t.auth_method, t.scopes, t.allowed_ips, t.allowed_ips_mode, t.enabled, t.revoked_at, t.expires_at, t.access_token_ttl_seconds, t.trust, t.version';

/** Whose client it is. */
export function ownerOf({ id, tenant_id: tenantId }: OAuthClient): TokenOwner {
  return { tokenId: id, tenantId };
}

/** The SQL that finds a client, never from a replica. */
@Injectable()
export class ClientsRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /**
   * The token of this id, whosever it is, with its secret of this lookup id: one indexed read, which costs the
   * same whether there are such.
   */
  async find(id: string, lookupId: string | null): Promise<OAuthClient | null> {
    const { tokens, secrets, usage } = this.tables;
    const [client] = await this.dataSource.queryPrepared<OAuthClient[]>(
      `SELECT ${CLIENT_COLUMNS},
              s.id AS secret_id, s.secret_hash, s.secret_mac, s.pepper_id,
              coalesce(s.former_token_prefix, t.token_prefix) AS visible_prefix,
              CASE WHEN s.retired_at IS NULL THEN s.expires_at ELSE 'epoch' END AS secret_ends_at,
              CASE WHEN s.id IS NULL THEN u.last_used_at ELSE s.last_used_at END IS NULL AS is_unused
       FROM ${tokens} t LEFT JOIN ${secrets} s
         ON s.tenant_id = t.tenant_id AND s.token_id = t.id AND s.lookup_id = $2 AND s.format = 'native'
       LEFT JOIN ${usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id
       WHERE t.id = $1`,
      // None is empty: by null Citus could not join a shard to its like.
      [id, lookupId ?? ''],
    );
    return client ?? null;
  }

  /** A tenant's clients that show assertions: those that are not revoked first, the newest of each first. */
  async findWorkloadIdentities(tenantId: string, limit: number): Promise<OAuthClient[]> {
    const { tokens, usage } = this.tables;
    return this.dataSource.queryPrepared<OAuthClient[]>(
      `SELECT ${CLIENT_COLUMNS}, NULL AS secret_id, NULL AS secret_hash, NULL AS secret_mac, NULL AS pepper_id,
              NULL AS visible_prefix, NULL AS secret_ends_at, u.last_used_at IS NULL AS is_unused
       FROM ${tokens} t LEFT JOIN ${usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id
       WHERE t.tenant_id = $1 AND t.auth_method = 'workload_identity'
       ORDER BY t.revoked_at IS NOT NULL, t.created_at DESC, t.id DESC LIMIT $2`,
      [tenantId, limit],
    );
  }
}
