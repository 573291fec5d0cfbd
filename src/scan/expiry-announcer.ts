import { DAY_MS } from '../core/time';
import { recordUnasked } from '../ledger/record';
import { SCAN_BATCH, type ScanTask } from './scan-task';
import type { TenantTransaction } from '../ledger/tenant-transaction';
import type { DueToken, ExpiryRepository } from './expiry.repository';

/**
 * Announces expiries: each threshold once, however many instances scan and whenever one of them dies,
 * since what was announced is marked in the transaction that queues the notice.
 */
export class ExpiryAnnouncer implements ScanTask {
  private readonly days: readonly number[];

  /** @param noticeDays days before an expiry; empty where nobody is told */
  constructor(
    private readonly repository: ExpiryRepository,
    noticeDays: readonly number[],
  ) {
    this.days = [0, ...noticeDays];
  }

  dueTenants(now: Date): Promise<string[]> {
    return this.repository.dueTenants({ now, days: this.days });
  }

  async work(transaction: TenantTransaction, tenantId: string, now: Date): Promise<number> {
    const horizon = { now, days: this.days };
    const tokens = await this.repository.announce(transaction, tenantId, horizon, SCAN_BATCH);
    for (const token of tokens) announce(transaction, token, now);
    return tokens.length;
  }
}

function announce(transaction: TenantTransaction, token: DueToken, at: Date): void {
  if (token.days > 0) {
    const daysLeft = Math.ceil((token.expires_at.getTime() - at.getTime()) / DAY_MS);
    transaction.notify({ type: 'scim_token.expiring', at, token, daysLeft });
    return;
  }
  recordUnasked(transaction, 'scim_token.expired', token.id, at, {});
  transaction.notify({ type: 'scim_token.expired', at, token });
}
