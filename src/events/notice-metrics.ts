import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import type { NoticeTarget } from '../database/entities/scim-token-outbox.entity';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import type { OutboxBacklog } from './outbox.repository';

/** What became of a try to deliver a notice. */
export type DeliveryOutcome = 'delivered' | 'failed' | 'dead';

/** Metrics of notices. */
@Injectable()
export class NoticeMetrics {
  private readonly tries: Counter;
  private readonly queued: Gauge;

  constructor({ registry }: ScimTokenMetrics) {
    this.tries = new Counter({
      name: 'scim_token_notices_total',
      help: 'Tries of this instance to deliver a notice: delivered, failed (tried again), or dead (given up).',
      labelNames: ['target', 'outcome'],
      registers: [registry],
    });
    this.queued = new Gauge({
      name: 'scim_token_notices_queued',
      help: 'Notices in the outbox, as of the last scan: pending, or dead (given up). Instances tell the same: take the maximum.',
      labelNames: ['target', 'state'],
      registers: [registry],
    });
  }

  /** Counts a try. */
  tried(target: NoticeTarget, outcome: DeliveryOutcome): void {
    this.tries.inc({ target, outcome });
  }

  /** Shows how many notices wait, and how many were given up. */
  show(backlogs: readonly OutboxBacklog[]): void {
    this.queued.reset();
    for (const { target, pending, dead } of backlogs) {
      this.queued.set({ target, state: 'pending' }, pending);
      this.queued.set({ target, state: 'dead' }, dead);
    }
  }
}
