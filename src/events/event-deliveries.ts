import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  Logger,
} from '@nestjs/common';
import { Clock } from '../core/clock';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';
import { Outbox } from '../ledger/outbox';
import { EventMetrics } from './event-metrics';
import { ListenerSender, WebhookSender, type EventSender, webhookId } from './event-senders';
import { OutboxRepository, type ClaimedEvent } from './outbox.repository';
import { LogEntry } from '../core/log-entry';

/** Events that are on their way to a target at a time, from one instance. */
const AT_A_TIME = 16;
/** Milliseconds a target has to take an event. */
const SEND_TIMEOUT_MS = 10_000;
/** Milliseconds after which a claim is lost: more than a try takes. */
const CLAIM_MS = 30_000;
/** Milliseconds between two looks for events that others queued, or that are due again. */
const POLL_MS = 1_000;

/** Seconds between a try and the next one; after the last of them hourly. */
const FIRST_DELAYS = [5, 30, 120, 600, 3600] as const;
const HOURLY = 3600;
/** Hourly tries before an event is given up: three days. */
const HOURLY_TRIES = 72;
/** Most tries of an event. */
export const MAX_TRIES = 1 + FIRST_DELAYS.length + HOURLY_TRIES;
/** By how much a delay varies in both directions, so that a thousand events do not return at once. */
const JITTER = 0.1;

/** Delivers the events of one target: each at least once, failures by the retry schedule. */
export class EventDelivery {
  private readonly logger = new Logger(EventDelivery.name);
  private readonly underWay = new Set<AbortController>();
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;
  private running: Promise<void> | null = null;
  private again = false;

  constructor(
    private readonly target: OutboxTarget,
    private readonly sender: EventSender,
    private readonly repository: OutboxRepository,
    private readonly metrics: EventMetrics,
    private readonly clock: Clock,
  ) {}

  /** Begins to look for events. */
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

  /** Looks for events now. */
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
        const outcomes = await Promise.allSettled(claimed.map((event) => this.deliver(event)));
        for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
        if (claimed.length === AT_A_TIME) this.again = true;
      }
    } catch (error) {
      this.logger.warn(
        new LogEntry(
          `Events for the ${this.target} cannot be looked for; the next look is in a second`,
          { err: error },
        ),
      );
    }
  }

  private claim(): Promise<ClaimedEvent[]> {
    const now = this.clock.now();
    const until = new Date(now.getTime() + CLAIM_MS);
    return this.repository.claim(this.target, { now, until, most: AT_A_TIME });
  }

  private async deliver(event: ClaimedEvent): Promise<void> {
    const attempt = new AbortController();
    const timeout = setTimeout(() => {
      attempt.abort(new Error('took too long'));
    }, SEND_TIMEOUT_MS);
    this.underWay.add(attempt);
    try {
      await this.sender.send(event, attempt.signal);
    } catch (error) {
      await this.failed(event, reasonOf(error));
      return;
    } finally {
      clearTimeout(timeout);
      this.underWay.delete(attempt);
    }
    await this.repository.delivered(this.target, event);
    this.metrics.tried(this.target, 'delivered');
  }

  private async failed(event: ClaimedEvent, reason: string): Promise<void> {
    const { target } = this;
    const now = this.clock.now();
    const delay = retryDelay(event.tries);
    const { type, tries } = event;
    const facts = { webhook_id: webhookId(event.event_id), type, tries, reason };
    if (delay === null) {
      await this.repository.bury(target, event, now, reason);
      this.metrics.tried(target, 'dead');
      this.logger.error(new LogEntry(`An event for the ${target} was given up`, facts));
      return;
    }
    await this.repository.retry(target, event, new Date(now.getTime() + delay), reason);
    this.metrics.tried(target, 'failed');
    this.logger.warn(
      new LogEntry(`An event for the ${target} was not taken; it is tried again`, facts),
    );
  }
}

/**
 * Milliseconds until the next try, or null where there is none.
 *
 * @param tries tries begun so far, at least 1
 * @param random a number from 0 to 1
 */
export function retryDelay(tries: number, random = Math.random()): number | null {
  if (tries >= MAX_TRIES) return null;
  const seconds = FIRST_DELAYS[tries - 1] ?? HOURLY;
  return Math.round(seconds * 1000 * (1 + JITTER * (2 * random - 1)));
}

/** undici wraps what happened to the connection: its code says it, without addresses or headers. */
function reasonOf(error: unknown): string {
  const { message, cause } = Object(error) as Partial<Error>;
  const { code } = Object(cause) as { code?: unknown };
  return typeof code === 'string' ? code : String(message);
}

/** Delivers events to everyone who is told of them, while the application runs. */
@Injectable()
export class EventDeliveries implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly deliveries: readonly EventDelivery[];

  constructor(
    private readonly options: ResolvedScimTokensOptions,
    private readonly outbox: Outbox,
    repository: OutboxRepository,
    metrics: EventMetrics,
    clock: Clock,
  ) {
    this.deliveries = outbox.targets.map(
      (target) => new EventDelivery(target, this.senderTo(target), repository, metrics, clock),
    );
  }

  onApplicationBootstrap(): void {
    for (const delivery of this.deliveries) delivery.start();
    this.outbox.onQueued(() => {
      for (const delivery of this.deliveries) delivery.wake();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.stop()));
  }

  private senderTo(target: OutboxTarget): EventSender {
    const { webhook, eventListener } = this.options;
    return target === 'webhook' && webhook
      ? new WebhookSender(webhook)
      : new ListenerSender(eventListener);
  }
}
