import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { ScimTokenMetrics } from '../core/scim-token-metrics';
import { BcryptQueue } from '../secrets/bcrypt-queue';
import { RevocationChannel } from './revocation-channel';
import { VerificationMemory } from './verification-memory';
import { VerificationStats } from './verification-stats';

/** Metrics of verification, read from its parts when they are scraped: a check pays for a count alone. */
@Injectable()
export class VerificationMetrics {
  constructor(
    metrics: ScimTokenMetrics,
    stats: VerificationStats,
    memory: VerificationMemory,
    channel: RevocationChannel,
    queue: BcryptQueue,
  ) {
    const registers = [metrics.registry];
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
        this.inc({ result: 'accepted', reason: '' }, stats.acceptedCount);
        this.inc({ result: 'unavailable', reason: '' }, stats.unavailableCount);
        for (const [reason, count] of stats.refusedCounts) {
          this.inc({ result: 'refused', reason }, count);
        }
      },
    });
    new Counter({
      name: 'scim_token_cache_lookups_total',
      help: 'Checks whose token had a remembered state (hit), or whose state had to be read (miss).',
      labelNames: ['result'],
      registers,
      collect() {
        this.reset();
        this.inc({ result: 'hit' }, memory.hits);
        this.inc({ result: 'miss' }, memory.misses);
      },
    });
    gauge('scim_token_cache_entries', 'Values with a proof in memory.', () => memory.size);
    gauge('scim_token_bcrypt_queue', 'Hashes and checks by bcrypt that run or wait.', () => {
      return queue.length;
    });
    gauge(
      'scim_token_revocations_heard',
      'Whether this instance hears of revocations made elsewhere: 1, or 0 and every check reads the database.',
      () => (channel.isHearing ? 1 : 0),
    );
    gauge(
      'scim_token_revocation_lag_seconds',
      'Time that the last notification to ourselves took, the way of every revocation.',
      () => channel.lagSeconds ?? NaN,
    );
  }
}
