import { Logger } from '@nestjs/common';
import { LogEntry } from '../core/log-entry';
import type { Clock } from '../core/clock';
import type { NoticeTarget } from '../database/entities/scim-token-outbox.entity';
import type { NoticeSender } from './notice-sender';
import type { NoticeMetrics } from './notice-metrics';
import type { ClaimedNotice, OutboxRepository } from './outbox.repository';
import { retryDelay } from './retry-schedule';
import { webhookId } from './webhook-sender';

/** Notices that are on their way to a target at a time, from one instance. */
const AT_A_TIME = 16;
/** Milliseconds a target has to take a notice. */
const SEND_TIMEOUT_MS = 10_000;
/** Milliseconds after which a claim is lost: more than a try takes. */
const CLAIM_MS = 30_000;
/** Milliseconds between two looks for notices that others queued, or that are due again. */
const POLL_MS = 1_000;

/** Delivers the notices of one target: each at least once, failures by the retry schedule. */
export class NoticeDelivery {
  private readonly logger = new Logger(NoticeDelivery.name);
  private readonly underWay = new Set<AbortController>();
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly target: NoticeTarget,
    private readonly sender: NoticeSender,
    private readonly repository: OutboxRepository,
    private readonly metrics: NoticeMetrics,
    private readonly clock: Clock,
  ) {}

  /** Begins to look for notices. */
  start(): void {
    this.timer = setInterval(() => {
      this.wake();
    }, POLL_MS);
    this.timer.unref();
    this.wake();
  }

  /** Breaks off what is under way, to be tried again later, here or elsewhere. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.stopped = true;
    for (const attempt of this.underWay) attempt.abort(new Error('interrupted'));
    await this.running;
  }

  /** Looks for notices now. */
  wake(): void {
    if (this.stopped) return;
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = null;
    });
  }

  private async run(): Promise<void> {
    try {
      while (this.again && !this.stopped) {
        this.again = false;
        const claimed = await this.claim();
        const outcomes = await Promise.allSettled(claimed.map((notice) => this.deliver(notice)));
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
        if (claimed.length === AT_A_TIME) this.again = true;
      }
    } catch (error) {
      this.logger.warn(
        new LogEntry(`Notices for the ${this.target} cannot be looked after`, { err: error }),
      );
    }
  }

  private claim(): Promise<ClaimedNotice[]> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + CLAIM_MS);
    return this.repository.claim(this.target, { now, until, most: AT_A_TIME });
  }

  private async deliver(notice: ClaimedNotice): Promise<void> {
    const attempt = new AbortController();
    const timeout = setTimeout(() => {
      attempt.abort(new Error('took too long'));
    }, SEND_TIMEOUT_MS);
    this.underWay.add(attempt);
    try {
      await this.sender.send(notice, attempt.signal);
    } catch (error) {
      await this.failed(notice, reasonOf(error));
      return;
    } finally {
      clearTimeout(timeout);
      this.underWay.delete(attempt);
    }
    await this.repository.delivered(this.target, notice);
    this.metrics.tried(this.target, 'delivered');
  }

  private async failed(notice: ClaimedNotice, reason: string): Promise<void> {
    const { target } = this;
    const now = this.clock.now();
    const delay = retryDelay(notice.tries);
    const { type, tries } = notice;
    const facts = { webhook_id: webhookId(notice.notice_id), type, tries, reason };
    if (delay === null) {
      await this.repository.bury(target, notice, now, reason);
      this.metrics.tried(target, 'dead');
      this.logger.error(new LogEntry(`A notice for the ${target} was given up`, facts));
      return;
    }
    await this.repository.retry(target, notice, new Date(now.getTime() + delay), reason);
    this.metrics.tried(target, 'failed');
    this.logger.warn(
      new LogEntry(`A notice for the ${target} was not taken; it is tried again`, facts),
    );
  }
}

/** undici wraps what happened to the connection: its code says it, without addresses or headers. */
function reasonOf(error: unknown): string {
  const { message, cause } = Object(error) as Partial<Error>;
  const { code } = Object(cause) as { code?: unknown };
  return typeof code === 'string' ? code : String(message);
}
