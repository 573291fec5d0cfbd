import { LRUCache } from 'lru-cache';

const WINDOW_MS = 60_000;
/** Most keys that are counted at once: a flood of new ones costs a bounded memory. */
const MAX_KEYS = 50_000;

/** Counts what happened in the last minute, by key, in windows that begin with a key's first event. */
export class RateWindow {
  private readonly counts = new LRUCache<string, { count: number }>({
    max: MAX_KEYS,
    ttl: WINDOW_MS,
  });

  /** @param limit most events of a key in a minute; 0 for no limit */
  constructor(private readonly limit: number) {}

  /** Counts one event. */
  count(key: string): void {
    if (this.limit === 0) return;
    const window = this.counts.get(key);
    if (window) window.count += 1;
    else this.counts.set(key, { count: 1 });
  }

  /** Seconds until the key may go on, at least 1; 0 while it is below the limit. */
  secondsToWait(key: string): number {
    if (this.limit === 0 || (this.counts.get(key)?.count ?? 0) < this.limit) return 0;
    return Math.max(1, Math.ceil(this.counts.getRemainingTTL(key) / 1000));
  }
}
