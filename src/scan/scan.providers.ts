import type { Provider } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Clock } from '../core/clock';
import { DAY_MS } from '../core/time';
import { SCIM_TOKENS_DATA_SOURCE } from '../database/scim-tokens-data-source';
import { ExpiryAnnouncer } from './expiry-announcer';
import { ExpiryRepository } from './expiry.repository';
import { NoticeMetrics } from '../events/notice-metrics';
import { Outbox } from '../ledger/outbox';
import { OutboxRepository } from '../events/outbox.repository';
import { RotationWatch } from '../rotation/rotation-watch';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { TenantTransactions } from '../ledger/tenant-transaction';
import { AuthFailureDigests } from './auth-failure-digests';
import { LifecycleScan } from './lifecycle-scan';
import { TokenPurge } from './token-purge';

/** Milliseconds for which notices that were given up are kept. */
const KEEP_DEAD_MS = 30 * DAY_MS;

/** Providers of what is due by time alone. */
export const SCAN_PROVIDERS: Provider[] = [
  {
    provide: AuthFailureDigests,
    inject: [SCIM_TOKENS_DATA_SOURCE],
    useFactory: (dataSource: DataSource) => new AuthFailureDigests(dataSource),
  },
  {
    provide: ExpiryAnnouncer,
    inject: [SCIM_TOKENS_DATA_SOURCE, ResolvedScimTokensOptions, Outbox],
    useFactory: (
      dataSource: DataSource,
      { expiryNoticeDays }: ResolvedScimTokensOptions,
      { targets }: Outbox,
    ) =>
      new ExpiryAnnouncer(
        new ExpiryRepository(dataSource),
        targets.length > 0 ? expiryNoticeDays : [],
      ),
  },
  {
    provide: TokenPurge,
    inject: [SCIM_TOKENS_DATA_SOURCE, ResolvedScimTokensOptions],
    useFactory: (dataSource: DataSource, { purgeAfterDays }: ResolvedScimTokensOptions) =>
      new TokenPurge(dataSource, purgeAfterDays),
  },
  {
    provide: LifecycleScan,
    inject: [
      ResolvedScimTokensOptions,
      ExpiryAnnouncer,
      RotationWatch,
      AuthFailureDigests,
      TokenPurge,
      TenantTransactions,
      OutboxRepository,
      NoticeMetrics,
      Clock,
    ],
    useFactory: (
      { expiryScanSeconds }: ResolvedScimTokensOptions,
      expiries: ExpiryAnnouncer,
      rotations: RotationWatch,
      failures: AuthFailureDigests,
      purge: TokenPurge,
      transactions: TenantTransactions,
      outbox: OutboxRepository,
      metrics: NoticeMetrics,
      clock: Clock,
    ) =>
      new LifecycleScan(
        expiryScanSeconds * 1000,
        [expiries, rotations, failures, purge],
        transactions,
        clock,
        async (now) => {
          await outbox.removeDead(new Date(now.getTime() - KEEP_DEAD_MS));
          await failures.removeOld(now);
          metrics.show(await outbox.backlog());
        },
      ),
  },
];
