import { Injectable } from '@nestjs/common';
import { v7 as uuidV7 } from 'uuid';
import type { ScimScope } from '../core/token';
import type { OwnDataSource } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { MintedAccessToken } from '../secrets/scim-token.secret';
import type { OAuthClient } from './clients.repository';

/** An access token on its way into its table. */
export interface NewAccessToken extends Omit<MintedAccessToken, 'value'> {
  readonly scopes: readonly ScimScope[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** Most access tokens of a token that live at a time; one more ends the oldest. */
const MOST_LIVE = 50;

/** The SQL that issues access tokens. No audit entry and no lock of the tenant: they come by the hour. */
@Injectable()
export class AccessTokensRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /**
   * Stores an access token, if its token is still in the version that the client was authenticated against:
   * whatever ends, narrows or switches off a token or one of its secrets raises that. Whoever does it meanwhile
   * waits for this, and finds the access token there.
   *
   * @returns false where the token has changed
   */
  async insert(client: OAuthClient, issued: NewAccessToken): Promise<boolean> {
    const { tokens, accessTokens } = this.tables;
    const [row] = await this.dataSource.queryPrepared<unknown[]>(
      `INSERT INTO ${accessTokens} (tenant_id, id, token_id, secret_id, lookup_id, value_hash, last_four, scopes,
         issued_at, expires_at)
       SELECT t.tenant_id, $4::uuid, t.id, $5::uuid, $6, $7, $8, $9::text[], $10::timestamptz, $11::timestamptz
       FROM ${tokens} t WHERE t.tenant_id = $1 AND t.id = $2 AND t.version = $3 FOR SHARE
       RETURNING id`,
      [
        client.tenant_id,
        client.id,
        client.version,
        uuidV7({ msecs: issued.issuedAt.getTime() }),
        client.secret_id,
        issued.lookupId,
        issued.valueHash,
        issued.lastFour,
        issued.scopes,
        issued.issuedAt,
        issued.expiresAt,
      ],
    );
    if (!row) return false;
    // Where it fails, the next one does it.
    await this.endOldest(client, issued.issuedAt).catch(() => undefined);
    return true;
  }

  /** A statement of its own: it sees what was issued beside the other. */
  private async endOldest({ tenant_id: tenantId, id }: OAuthClient, now: Date): Promise<void> {
    const { accessTokens } = this.tables;
    await this.dataSource.queryPrepared(
      `DELETE FROM ${accessTokens} WHERE tenant_id = $1 AND id IN (
         SELECT a.id FROM ${accessTokens} a WHERE a.tenant_id = $1 AND a.token_id = $2 AND a.expires_at > $3
         ORDER BY a.issued_at DESC, a.id DESC OFFSET ${MOST_LIVE})`,
      [tenantId, id, now],
    );
  }
}
