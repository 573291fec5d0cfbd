import { Injectable } from '@nestjs/common';
import type { FailureHint, PresentedClaims } from '../../core/refusal';
import type { StoredSetupLink } from '../../core/setup-link';
import type { OwnDataSource } from '../../database/own-statements';
import { InjectScimTokensDataSource } from '../../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../../database/table-names';
import type { SeenUses } from './check-state';
import { connectionProgress, SYNCED } from './connection-progress';

/** What was seen of a link's token. */
export interface SeenConnection extends SeenUses {
  /** When its current secret was first accepted, whoever made that. */
  readonly secret_first_used_at: Date | null;
}

/** Requests that were refused since a link's newest value was made. */
export interface SeenFailure {
  readonly hint: FailureHint;
  /** A bigint, which the driver hands on as text. */
  readonly count: string;
  readonly first_at: Date;
  readonly last_at: Date;
  readonly last_claims: PresentedClaims | null;
}

/** Reads how a setup link's connection fares. */
@Injectable()
export class ConnectionRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /** Null where the link has no token, or the token is gone. */
  async seen(
    { tenant_id, id }: Pick<StoredSetupLink, 'tenant_id' | 'id'>,
    now: Date,
  ): Promise<SeenConnection | null> {
    const [row] = await this.dataSource.queryPrepared<SeenConnection[]>(
      `SELECT c.first_used_at AS secret_first_used_at, p.first_at,
         CASE WHEN ${SYNCED} THEN p.last_at END AS synced_at
       FROM ${connectionProgress(this.tables, '$1')} WHERE l.tenant_id = $2 AND l.id = $3`,
      [now, tenant_id, id],
    );
    return row ?? null;
  }

  /** The last ones first. What was counted for a value of before is past. */
  failures({ tenant_id, id }: Pick<StoredSetupLink, 'tenant_id' | 'id'>): Promise<SeenFailure[]> {
    const { setupLinks, setupFailures } = this.tables;
    return this.dataSource.queryPrepared<SeenFailure[]>(
      `SELECT f.hint, f.count, f.first_at, f.last_at, f.last_claims FROM ${setupFailures} f
       JOIN ${setupLinks} l ON l.tenant_id = f.tenant_id AND l.id = f.link_id
         AND l.value_made_at = f.value_made_at
       WHERE f.tenant_id = $1 AND f.link_id = $2 ORDER BY f.last_at DESC, f.hint`,
      [tenant_id, id],
    );
  }
}
