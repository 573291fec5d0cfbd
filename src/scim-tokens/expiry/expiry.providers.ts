import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '../../common/clock';
import { SCIM_TOKENS_DATA_SOURCE } from '../../database/scim-tokens-data-source';
import { Outbox } from '../outbox/outbox';
import { NoticeMetrics } from '../outbox/notice-metrics';
import { OutboxRepository } from '../outbox/outbox.repository';
import { ResolvedScimTokensOptions } from '../scim-tokens.options';
import { TenantTransactions } from '../tenant-transaction';
import { ExpiryRepository } from './expiry.repository';
import { ExpiryScan } from './expiry-scan';

/** Providers of the scan for expiries. */
export const EXPIRY_PROVIDERS: Provider[] = [
  {
    provide: ExpiryRepository,
    inject: [SCIM_TOKENS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new ExpiryRepository(dataSource),
  },
  {
    provide: ExpiryScan,
    inject: [
      ResolvedScimTokensOptions,
      Outbox,
      ExpiryRepository,
      OutboxRepository,
      TenantTransactions,
      NoticeMetrics,
      Clock,
    ],
    useFactory: (
      { expiryNoticeDays, expiryScanSeconds }: ResolvedScimTokensOptions,
      { targets }: Outbox,
      repository: ExpiryRepository,
      outbox: OutboxRepository,
      transactions: TenantTransactions,
      metrics: NoticeMetrics,
      clock: Clock,
    ) =>
      new ExpiryScan(
        {
          noticeDays: targets.length > 0 ? expiryNoticeDays : [],
          everyMs: expiryScanSeconds * 1000,
        },
        repository,
        outbox,
        transactions,
        metrics,
        clock,
      ),
  },
];
