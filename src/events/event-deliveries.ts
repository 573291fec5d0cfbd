import {
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Clock } from '../core/clock';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { OutboxTarget } from '../database/entities/scim-token-outbox.entity';
import { Outbox } from '../ledger/outbox';
import { EventDelivery } from './event-delivery';
import { EventMetrics } from './event-metrics';
import { ListenerSender, WebhookSender, type EventSender } from './event-senders';
import { OutboxRepository } from './outbox.repository';

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
