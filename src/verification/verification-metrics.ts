import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import type { RefusalReason } from '../core/refusal';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { BcryptQueue } from '../secrets/bcrypt-queue';
import { RevocationChannel } from './revocation-channel';
import { TokenCache } from './token-cache';

/** Metrics of verification, put together when they are scraped: a check pays for a count alone. */
@Injectable()
export class VerificationMetrics {
  private acceptedCount = 0;
  private unavailableCount = 0;
  private readonly refusedCounts = new Map<RefusalReason, number>();

  constructor(
    metrics: ScimTokenMetrics,
    cache: TokenCache,
    channel: RevocationChannel,
    queue: BcryptQueue,
  ) {
    const registers = [metrics.registry];
    const results = (): [string, string, number][] => [
      ['accepted', '', this.acceptedCount],
      ['unavailable', '', this.unavailableCount],
      ...[...this.refusedCounts].map(([reason, count]): [string, string, number] => [
        'refused',
        reason,
        count,
      ]),
    ];
    const gauge = (name: string, help: string, read: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    };
    new Counter({
      name: 'scim_token_verifications_total',
      help: 'Checked values: accepted, refused for a reason, or unavailable where no check could be made.',
      labelNames: ['result', 'reason'],
      registers,
      collect() {
        this.reset();
        for (const [result, reason, count] of results()) this.inc({ result, reason }, count);
      },
    });
    new Counter({
      name: 'scim_token_cache_lookups_total',
      help: 'Checks whose token had a remembered state (hit), or whose state had to be read (miss).',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        this.inc({ result: 'hit' }, cache.hits);
        this.inc({ result: 'miss' }, cache.misses);
      },
    });
    gauge('scim_token_cache_entries', 'Values with a proof in memory.', () => cache.size);
    gauge('scim_token_bcrypt_queue', 'Hashes and checks by bcrypt that run or wait.', () => {
      return queue.length;
    });
    gauge(
      'scim_token_revocations_heard',
      'Whether this instance hears of revocations made elsewhere: 1, or 0 and every check reads the database.',
      () => (channel.isConnected ? 1 : 0),
    );
    gauge(
      'scim_token_revocation_lag_seconds',
      'Time that the last notification to ourselves took, the way of every revocation.',
      () => channel.lagSeconds ?? NaN,
    );
  }

  /** Counts an accepted value. */
  accepted(): void {
    this.acceptedCount += 1;
  }

  /** Counts a check that could not be made: database or bcrypt queue. */
  unavailable(): void {
    this.unavailableCount += 1;
  }

  /** Counts a refused value. */
  refused(reason: RefusalReason): void {
    this.refusedCounts.set(reason, (this.refusedCounts.get(reason) ?? 0) + 1);
  }
}
