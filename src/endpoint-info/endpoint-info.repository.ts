import { Injectable } from '@nestjs/common';
import type { OwnDataSource } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { endOf } from '../database/token-columns';
import type { FailureHint, PresentedClaims, RefusalReason } from '../core/refusal';

/** What endpoint-info tells of a tenant's tokens. */
export interface TenantSummary {
  readonly active_tokens: number;
  readonly next_expiry: Date | null;
  readonly last_used_at: Date | null;
}

/** Failures of one kind at a tenant's SCIM routes or the token endpoint. */
export interface FailureSummary {
  readonly reason: RefusalReason;
  readonly hint: FailureHint;
  readonly count: number;
  readonly last_at: Date;
  readonly last_ip: string | null;
  /** What the last signed assertion among them said. */
  readonly last_claims: PresentedClaims | null;
}

/** Most kinds of failures that endpoint-info tells. */
const MAX_SUMMARIES = 20;

/** What endpoint-info reads, of one tenant. */
@Injectable()
export class EndpointInfoRepository {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: OwnDataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  /** The tenant's tokens that work, and when one was last used. */
  async summariseTokens(tenantId: string, now: Date): Promise<TenantSummary> {
    const [row] = await this.dataSource.queryPrepared<TenantSummary[]>(
      `SELECT count(*) FILTER (WHERE t.enabled AND ${endOf('t')} > $2)::int AS active_tokens,
              min(t.expires_at) FILTER (WHERE t.enabled AND t.expires_at > $2) AS next_expiry,
              max(u.last_used_at) AS last_used_at
       FROM ${this.tables.tokens} t LEFT JOIN ${this.tables.usage} u
         ON u.tenant_id = t.tenant_id AND u.token_id = t.id
       WHERE t.tenant_id = $1 AND t.revoked_at IS NULL`,
      [tenantId, now],
    );
    return row ?? { active_tokens: 0, next_expiry: null, last_used_at: null };
  }

  /** What went wrong at a tenant's SCIM routes and the token endpoint since a time, latest first. */
  async summariseFailures(tenantId: string, since: Date): Promise<FailureSummary[]> {
    return this.dataSource.queryPrepared<FailureSummary[]>(
      `SELECT reason, hint, sum(count)::int AS count, max(last_at) AS last_at,
              (array_agg(last_ip ORDER BY last_at DESC))[1] AS last_ip,
              (array_agg(last_claims ORDER BY last_at DESC) FILTER (WHERE last_claims IS NOT NULL))[1] AS last_claims
       FROM ${this.tables.failures}
       WHERE tenant_id = $1 AND hour > $2::timestamptz - interval '1 hour' AND last_at > $2
       GROUP BY reason, hint ORDER BY max(last_at) DESC LIMIT ${MAX_SUMMARIES}`,
      [tenantId, since],
    );
  }
}
