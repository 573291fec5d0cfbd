import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import type { NoticeDelivery } from './notice-delivery';
import type { Outbox } from '../ledger/outbox';

/** Delivers notices while the application runs. */
export class OutboxLifecycle implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(
    private readonly outbox: Outbox,
    private readonly deliveries: readonly NoticeDelivery[],
  ) {}

  onApplicationBootstrap(): void {
    for (const delivery of this.deliveries) delivery.start();
    this.outbox.onQueued(() => {
      for (const delivery of this.deliveries) delivery.wake();
    });
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.deliveries.map((delivery) => delivery.stop()));
  }
}
