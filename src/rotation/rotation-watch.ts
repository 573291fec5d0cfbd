import { Injectable, Logger } from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import { Clock } from '../core/clock';
import { recordUnasked } from '../ledger/record';
import { SCAN_BATCH, type ScanTask } from '../scan/lifecycle-scan';
import { TenantTransactions, type TenantTransaction } from '../ledger/tenant-transaction';
import { UsageWriter } from '../usage/usage-writer';
import { RotationRepository } from './rotation.repository';

/**
 * Ends old secrets that have done their duty, and tells of rotations that stall. Each in a transaction of
 * its own under the tenant's lock, judged anew by the conditions of the statement.
 */
@Injectable()
export class RotationWatch implements ScanTask {
  private readonly logger = new Logger(RotationWatch.name);

  constructor(
    private readonly repository: RotationRepository,
    private readonly transactions: TenantTransactions,
    private readonly clock: Clock,
    usage: UsageWriter,
  ) {
    usage.afterFlush((tokenIds) => this.afterUse(tokenIds));
  }

  /** Looks at tokens whose use was just written. Where it fails, the overlap runs its course. */
  async afterUse(tokenIds: readonly string[]): Promise<void> {
    try {
      const tenants = await this.repository.provenTenants(tokenIds, this.clock.now());
      for (const tenantId of tenants) {
        await this.transactions.run(tenantId, (transaction) =>
          this.retireDue(transaction, tenantId, this.clock.now()),
        );
      }
    } catch (error) {
      this.logger.warn(
        new LogEntry('Rotations could not be looked at after a use', { err: error }),
      );
    }
  }

  dueTenants(now: Date): Promise<string[]> {
    return this.repository.dueTenants(now);
  }

  async work(transaction: TenantTransaction, tenantId: string, now: Date): Promise<number> {
    const retired = await this.retireDue(transaction, tenantId, now);
    const stalled = await this.repository.markStalled(transaction, tenantId, now, SCAN_BATCH);
    for (const token of stalled) {
      transaction.notify({ type: 'scim_token.rotation_stalled', at: now, token });
    }
    return Math.max(retired, stalled.length);
  }

  private async retireDue(
    transaction: TenantTransaction,
    tenantId: string,
    now: Date,
  ): Promise<number> {
    const retired = await this.repository.retireDue(transaction, tenantId, now, SCAN_BATCH);
    for (const token of retired) {
      const ended = token.previous_expires_at < now ? token.previous_expires_at : now;
      transaction.evict(token.id);
      recordUnasked(transaction, 'scim_token.rotation_completed', token.id, now, {
        previous_expires_at: {
          from: token.previous_expires_at.toISOString(),
          to: ended.toISOString(),
        },
      });
      transaction.notify({ type: 'scim_token.updated', at: now, token });
    }
    return retired.length;
  }
}
