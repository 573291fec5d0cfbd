import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import type { OutboxBacklog } from './outbox.repository';

/** What became of a try to deliver an event. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'dead';

/** Metrics of events on their way out. */
@Injectable()
export class EventMetrics {
  private readonly tries: Counter;
  private readonly queued: Gauge;

  constructor({ registry }: ScimTokenMetrics) {
    this.tries = new Counter({
      name: 'scim_token_notices_total',
      help: 'Tries of this instance to deliver an event: delivered, failed (tried again), or dead (given up).',
      labelNames: ['target', 'outcome'],
      registers: [registry],
    });
    this.queued = new Gauge({
      name: 'scim_token_notices_queued',
      help: 'Events in the outbox, as of the last scan: pending, or dead (given up). Instances tell the same: take the maximum.',
      labelNames: ['target', 'state'],
      registers: [registry],
    });
  }

  /** Counts a try. */
  tried(target: OutboxTarget, outcome: DeliveryOutcome): void {
    this.tries.inc({ target, outcome });
  }

  /** Shows how many events wait, and how many were given up. */
  show(backlogs: readonly OutboxBacklog[]): void {
    this.queued.reset();
    for (const { target, pending, dead } of backlogs) {
      this.queued.set({ target, state: 'pending' }, pending);
      this.queued.set({ target, state: 'dead' }, dead);
    }
  }
}
