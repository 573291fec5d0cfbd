import {
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import type { Clock } from '../core/clock';
import type { TenantTransaction, TenantTransactions } from '../ledger/tenant-transaction';
import { SCAN_BATCH, type ScanTask } from './scan-task';

/** Does what is due by time alone, again and again: one instance at a time does it, whichever that is. */
export class LifecycleScan implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LifecycleScan.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  /**
   * @param everyMs milliseconds between two scans
   * @param housekeeping done before each scan
   */
  constructor(
    private readonly everyMs: number,
    private readonly tasks: readonly ScanTask[],
    private readonly transactions: TenantTransactions,
    private readonly clock: Clock,
    private readonly housekeeping: (now: Date) => Promise<void>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), this.everyMs);
    this.timer.unref();
    void this.run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopped = true;
    await this.running;
  }

  /** Does what is due; one scan at a time. What fails is due at the next one. */
  run(): Promise<void> {
    this.running ??= this.scan().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async scan(): Promise<void> {
    try {
      await this.housekeeping(this.clock.now());
      for (const task of this.tasks) {
        for (const tenantId of await task.dueTenants(this.clock.now())) {
          if (this.stopped || !(await this.doAll(task, tenantId))) return;
        }
      }
    } catch (error) {
      this.logger.warn(
        new LogEntry('What is due could not be looked for; the next scan does it', { err: error }),
      );
    }
  }

  /** @returns false where another instance is at it */
  private async doAll(task: ScanTask, tenantId: string): Promise<boolean> {
    try {
      let done: number | null = SCAN_BATCH;
      while (done === SCAN_BATCH && !this.stopped) done = await this.doSome(task, tenantId);
      return done !== null;
    } catch (error) {
      this.logger.warn(
        new LogEntry("What is due for a tenant's tokens could not be done yet", { err: error }),
      );
      return true;
    }
  }

  /** @returns how many, or null where another instance is at it */
  private doSome(task: ScanTask, tenantId: string): Promise<number | null> {
    return this.transactions.run(tenantId, async (transaction) =>
      (await holdsScanLock(transaction))
        ? task.work(transaction, tenantId, this.clock.now())
        : null,
    );
  }
}

/**
 * Whether this transaction is the one that scans: the lock ends with it, so that it works behind a pooler.
 * It only saves work; that nothing is done twice is seen to by each task's own statements.
 */
async function holdsScanLock(transaction: TenantTransaction): Promise<boolean> {
  const [row] = await transaction.rows<{ held: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held',
    [`scan of ${transaction.tables.tokens}`],
  );
  return row?.held === true;
}
