import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import type { Clock } from '../../common/clock';
import type { NoticeMetrics } from '../outbox/notice-metrics';
import type { OutboxRepository } from '../outbox/outbox.repository';
import type { TenantTransaction, TenantTransactions } from '../tenant-transaction';
import type { DueToken, ExpiryHorizon, ExpiryRepository } from './expiry.repository';

const DAY_MS = 86_400_000;
/** Most tokens that one transaction announces: a tenant's other writes wait that long. */
const BATCH = 200;
/** Milliseconds for which notices that were given up are kept. */
const KEEP_DEAD_MS = 30 * DAY_MS;

/** When expiries are announced. */
export interface ExpiryScanOptions {
  /** Days before an expiry; empty where nobody is told. */
  readonly noticeDays: readonly number[];
  readonly everyMs: number;
}

/**
 * Announces expiries: each threshold once, however many instances scan and whenever one of them dies,
 * since what was announced is marked in the transaction that queues the notice.
 */
export class ExpiryScan implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(ExpiryScan.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly options: ExpiryScanOptions,
    private readonly repository: ExpiryRepository,
    private readonly outbox: OutboxRepository,
    private readonly transactions: TenantTransactions,
    private readonly metrics: NoticeMetrics,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), this.options.everyMs);
    this.timer.unref();
    void this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopped = true;
    await this.running;
  }

  /** Announces what is due; one scan at a time. What fails is due at the next one. */
  run(): Promise<void> {
    this.running ??= this.scan().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async scan(): Promise<void> {
    try {
      const now = this.clock.now();
      await this.outbox.removeDead(new Date(now.getTime() - KEEP_DEAD_MS));
      this.metrics.show(await this.outbox.backlog());
      const tenants = await this.repository.dueTenants(this.horizon());
      for (const tenantId of tenants) {
        if (this.stopped || !(await this.announceAll(tenantId))) return;
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'Expiries could not be looked for; the next scan does it');
    }
  }

  /** @returns false where another instance is at it */
  private async announceAll(tenantId: string): Promise<boolean> {
    try {
      let announced: number | null = BATCH;
      while (announced === BATCH && !this.stopped) announced = await this.announceSome(tenantId);
      return announced !== null;
    } catch (error) {
      this.logger.warn({ err: error }, "A tenant's expiries could not be announced yet");
      return true;
    }
  }

  /** @returns how many, or null where another instance is at it */
  private announceSome(tenantId: string): Promise<number | null> {
    return this.transactions.run(tenantId, async (transaction) => {
      if (!(await this.repository.holdScanLock(transaction))) return null;
      const horizon = this.horizon();
      const tokens = await this.repository.announce(transaction, tenantId, horizon, BATCH);
      for (const token of tokens) announce(transaction, token, horizon.now);
      return tokens.length;
    });
  }

  private horizon(): ExpiryHorizon {
    return { now: this.clock.now(), days: [0, ...this.options.noticeDays] };
  }
}

function announce(transaction: TenantTransaction, token: DueToken, at: Date): void {
  if (token.days > 0) {
    const daysLeft = Math.ceil((token.expires_at.getTime() - at.getTime()) / DAY_MS);
    transaction.notify({ type: 'scim_token.expiring', at, token, daysLeft });
    return;
  }
  transaction.record({
    type: 'scim_token.expired',
    tokenId: token.id,
    at,
    actor: null,
    ip: null,
    userAgent: null,
    requestId: null,
    changes: {},
  });
  transaction.notify({ type: 'scim_token.expired', at, token });
}
