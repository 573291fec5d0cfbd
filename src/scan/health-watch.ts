import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { healthOf } from '../core/health';
import type { TokenRow } from '../core/token';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { TOKEN_COLUMNS } from '../database/token-columns';
import { isLive } from '../database/token-health';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';
import { ScanRuns } from './scan-runs';

/** How long a connection is refused, and never accepted, before it counts as failing. */
const FAILING_AFTER = `interval '30 minutes'`;

/** A token whose state changed, and which one it had. */
interface ChangedToken extends TokenRow {
  readonly former_state: TokenRow['health_state'];
}

/**
 * Finds connections that fail or went quiet, and those that came back, and tells of each change once, however
 * many instances scan and whenever one of them dies: state, entry and event are one transaction. Nobody could
 * come while we were away, so silence and refusals count only from when the scan has run without a gap; what
 * was wrong before stays so until a use says otherwise.
 */
@Injectable()
export class HealthWatch implements ScanTask {
  private readonly tables: QualifiedTables;
  private runningSince = new Date();
  private lookedAt = new Date(0);

  constructor(
    @InjectScimTokensDataSource() private readonly dataSource: DataSource,
    private readonly runs: ScanRuns,
  ) {
    this.tables = qualifiedTables(dataSource);
  }

  async dueTenants(now: Date): Promise<string[]> {
    this.runningSince = await this.runs.note(now);
    this.lookedAt = now;
    const changed = this.changed('$1', '$2');
    // Two sources, as each has an index of the few tokens that may be due.
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM (
         SELECT t.tenant_id FROM ${changed}
           AND (t.health_state IS NOT NULL OR t.quiet_after_hours IS NOT NULL)
         UNION ALL SELECT t.tenant_id FROM ${changed} AND u.failing_since IS NOT NULL) due`,
      [now, this.runningSince],
    );
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const { tenantId, now } = transaction;
    // The clock jumped, or the process slept: the next scan knows.
    if (Math.abs(now.getTime() - this.lookedAt.getTime()) > this.runs.gapMs) return 0;
    const { tokens, usage } = this.tables;
    const changed = await transaction.rows<ChangedToken>(
      `WITH due AS MATERIALIZED (
         SELECT t.id, t.health_state AS former_state, ${verdict('$1', '$2')} AS state
         FROM ${this.changed('$1', '$2')} AND t.tenant_id = $3
         ORDER BY t.id LIMIT ${SCAN_BATCH}
       )
       UPDATE ${tokens} t SET health_state = due.state, health_since = $1
       FROM due, ${usage} u
       WHERE t.tenant_id = $3 AND t.id = due.id AND u.tenant_id = $3 AND u.token_id = due.id
       RETURNING ${TOKEN_COLUMNS}, due.former_state`,
      [now, this.runningSince, tenantId],
    );
    for (const token of changed) announce(transaction, token);
    return changed.length;
  }

  /** Source and condition of the tokens whose state is no longer the one that is stored. */
  private changed(now: string, runningSince: string): string {
    return `${this.tables.tokens} t
      JOIN ${this.tables.usage} u ON u.tenant_id = t.tenant_id AND u.token_id = t.id
      WHERE ${isLive(now)} AND u.last_used_at IS NOT NULL
        AND ${verdict(now, runningSince)} IS DISTINCT FROM t.health_state`;
  }
}

/**
 * The state that a token in use is in; null where nothing is wrong. What is quiet stays so by the times that
 * are stored, which a clock set back does not change.
 */
function verdict(now: string, runningSince: string): string {
  const silence = 'make_interval(hours => t.quiet_after_hours)';
  return `CASE
    WHEN u.failing_since > greatest(u.last_used_at, t.live_since)
      AND (t.health_state = 'failing'
        OR greatest(u.failing_since, ${runningSince}::timestamptz) <= ${now}::timestamptz - ${FAILING_AFTER})
      THEN 'failing'
    WHEN t.health_state = 'quiet' AND u.last_used_at + ${silence} <= greatest(${now}::timestamptz, t.health_since)
      THEN 'quiet'
    WHEN t.health_state IS DISTINCT FROM 'quiet'
      AND greatest(u.last_used_at, t.live_since, ${runningSince}::timestamptz) + ${silence} < ${now}::timestamptz
      THEN 'quiet'
  END`;
}

function announce(transaction: LedgerTransaction, token: ChangedToken): void {
  const health = healthOf(token, transaction.now);
  const type = `scim_token.${token.health_state ?? 'recovered'}` as const;
  const changes = {
    health: { from: token.former_state ?? 'ok', to: health.state },
    ...(health.detail !== null && { detail: { from: null, to: health.detail } }),
  };
  transaction.tell(token, { entry: type, event: type, changes, health });
}
