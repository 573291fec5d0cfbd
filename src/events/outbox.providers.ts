import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '../core/clock';
import { SCIM_TOKENS_DATA_SOURCE } from '../database/scim-tokens-data-source';
import type { NoticeTarget } from '../database/entities/scim-token-outbox.entity';
import {
  NoScimTokenEventListener,
  ScimTokenEventListener,
} from '../core/scim-token-event-listener';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { ListenerSender } from './listener-sender';
import { NoticeDelivery } from './notice-delivery';
import { NoticeMetrics } from './notice-metrics';
import type { NoticeSender } from './notice-sender';
import { Outbox } from '../ledger/outbox';
import { OutboxLifecycle } from './outbox-lifecycle';
import { OutboxRepository } from './outbox.repository';
import { WebhookSender } from './webhook-sender';

/** Whoever is told of what happens to tokens. */
class NoticeSenders extends Map<NoticeTarget, NoticeSender> {}

/** Providers of the way from a change to whoever is told of it. */
export const OUTBOX_PROVIDERS: Provider[] = [
  NoticeMetrics,
  {
    provide: NoticeSenders,
    inject: [ResolvedScimTokensOptions, ScimTokenEventListener],
    useFactory: (
      { webhook }: ResolvedScimTokensOptions,
      listener: ScimTokenEventListener,
    ): NoticeSenders => {
      const senders = new NoticeSenders();
      if (webhook) senders.set('webhook', new WebhookSender(webhook));
      if (!(listener instanceof NoScimTokenEventListener)) {
        senders.set('listener', new ListenerSender(listener));
      }
      return senders;
    },
  },
  {
    provide: Outbox,
    inject: [NoticeSenders],
    useFactory: (senders: NoticeSenders) => new Outbox([...senders.keys()]),
  },
  {
    provide: OutboxRepository,
    inject: [SCIM_TOKENS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new OutboxRepository(dataSource),
  },
  {
    provide: OutboxLifecycle,
    inject: [NoticeSenders, Outbox, OutboxRepository, NoticeMetrics, Clock],
    useFactory: (
      senders: NoticeSenders,
      outbox: Outbox,
      repository: OutboxRepository,
      metrics: NoticeMetrics,
      clock: Clock,
    ) =>
      new OutboxLifecycle(
        outbox,
        [...senders].map(
          ([target, sender]) => new NoticeDelivery(target, sender, repository, metrics, clock),
        ),
      ),
  },
];
