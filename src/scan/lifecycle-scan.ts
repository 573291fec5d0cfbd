import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import { NOBODY_ASKED } from '../core/request-context';
import { Clock, DAY_MS } from '../core/clock';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { EventMetrics } from '../events/event-metrics';
import { OutboxRepository } from '../events/outbox.repository';
import { Ledger } from '../ledger/ledger';
import type { LedgerTransaction } from '../ledger/ledger-transaction';

/** Most that one transaction of a scan does of a kind: a tenant's other writes wait that long. */
export const SCAN_BATCH = 200;
/** Milliseconds for which events that were given up are kept. */
const KEEP_DEAD_MS = 30 * DAY_MS;

/** Injection token of the tasks, in the order in which a scan does them. */
export const SCAN_TASKS = Symbol('scim-tokens.scan-tasks');

/** Something that is due by time alone. */
export interface ScanTask {
  /** The tenants for which there is something to do. */
  dueTenants(now: Date): Promise<string[]>;
  /**
   * Does up to {@link SCAN_BATCH} of it for the locked tenant. What is due it looks for
   * under the lock, and marks as done: several instances may have listed the same tenant.
   *
   * @returns how many; {@link SCAN_BATCH} where there may be more
   */
  work(transaction: LedgerTransaction): Promise<number>;
}

/** Does what is due by time alone, again and again: one instance at a time does it, whichever that is. */
@Injectable()
export class LifecycleScan implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(LifecycleScan.name);
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private stopped = false;

  constructor(
    private readonly options: ResolvedScimTokensOptions,
    @Inject(SCAN_TASKS) private readonly tasks: readonly ScanTask[],
    private readonly ledger: Ledger,
    private readonly outbox: OutboxRepository,
    private readonly metrics: EventMetrics,
    private readonly clock: Clock,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), this.options.expiryScanSeconds * 1000);
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
      await this.outbox.removeDead(new Date(this.clock.now().getTime() - KEEP_DEAD_MS));
      this.metrics.show(await this.outbox.backlog());
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
    return this.ledger.write(tenantId, NOBODY_ASKED, async (transaction) =>
      (await holdsScanLock(transaction)) ? task.work(transaction) : null,
    );
  }
}

/**
 * Whether this transaction is the one that scans: the lock ends with it, so that it works behind a pooler.
 * It only saves work; that nothing is done twice is seen to by each task's own statements.
 */
async function holdsScanLock(transaction: LedgerTransaction): Promise<boolean> {
  const [row] = await transaction.rows<{ held: boolean }>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended($1, 0)) AS held',
    [`scan of ${transaction.tables.tokens}`],
  );
  return row?.held === true;
}
