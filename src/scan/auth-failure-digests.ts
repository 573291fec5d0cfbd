import { HOUR_MS } from '../core/clock';
import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { NOBODY_ASKED } from '../core/request-context';
import { tenantsSelected } from '../database/own-statements';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { LedgerTransaction } from '../ledger/ledger-transaction';
import { SCAN_BATCH, type ScanTask } from './lifecycle-scan';

/** Milliseconds after its end at which an hour has closed: what is counted is written a little later. */
const GRACE_MS = 120_000;
/** Milliseconds for which counts are kept. */
const KEEP_MS = 7 * 24 * HOUR_MS;

interface FailureDigest {
  readonly token_id: string;
  readonly reason: string;
  readonly hint: string;
  readonly hour: Date;
  readonly count: number;
  readonly last_ip: string | null;
}

/**
 * Tells the audit trail of failed checks: one entry for each kind of failure in an hour, once the hour has
 * closed. What is counted afterwards, by an instance that could not write, is told in another one. Counts
 * that were told long ago go.
 */
@Injectable()
export class AuthFailureDigests implements ScanTask {
  private readonly tables: QualifiedTables;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
  }

  async dueTenants(now: Date): Promise<string[]> {
    return tenantsSelected(
      this.dataSource,
      `SELECT DISTINCT tenant_id FROM ${this.tables.failures}
       WHERE (count > reported_count AND hour <= $1) OR hour < $2`,
      [closedAsOf(now), oldAsOf(now)],
    );
  }

  async work(transaction: LedgerTransaction): Promise<number> {
    const { tenantId, now } = transaction;
    const digests = await transaction.rows<FailureDigest>(
      `WITH due AS MATERIALIZED (
         SELECT hour, token_id, reason, hint, reported_count FROM ${this.tables.failures}
         WHERE tenant_id = $1 AND count > reported_count AND hour <= $2
         ORDER BY hour, token_id, reason, hint LIMIT ${SCAN_BATCH} FOR UPDATE
       )
       UPDATE ${this.tables.failures} f SET reported_count = f.count
       FROM due
       WHERE f.tenant_id = $1 AND f.hour = due.hour AND f.token_id = due.token_id
         AND f.reason = due.reason AND f.hint = due.hint
       RETURNING f.token_id, f.reason, f.hint, f.hour, (f.count - due.reported_count)::int AS count, f.last_ip`,
      [tenantId, closedAsOf(now)],
    );
    for (const { token_id, reason, hint, hour, count, last_ip } of digests) {
      transaction.record(
        'scim_token.auth_failed',
        token_id === NOBODY ? null : token_id,
        {
          reason: { from: null, to: reason },
          hint: { from: null, to: hint },
          hour: { from: null, to: hour.toISOString() },
          count: { from: null, to: count },
        },
        { ...NOBODY_ASKED, ip: last_ip },
      );
    }
    await transaction.rows(
      `DELETE FROM ${this.tables.failures}
       WHERE tenant_id = $1 AND hour < $2 AND count = reported_count`,
      [tenantId, oldAsOf(now)],
    );
    return digests.length;
  }
}

/** Counts of hours before then are kept no longer. */
function oldAsOf(now: Date): Date {
  return new Date(now.getTime() - KEEP_MS);
}

/** Hours that began then or before have closed. */
function closedAsOf(now: Date): Date {
  return new Date(now.getTime() - HOUR_MS - GRACE_MS);
}
