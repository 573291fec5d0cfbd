import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { parse } from 'ipaddr.js';
import { LRUCache } from 'lru-cache';
import { TooManyRequestsError } from '../core/errors';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { claimsOf } from './caller';

const WINDOW_MS = 60_000;
/** Most keys that are counted at once: a flood of new ones costs a bounded memory. */
const MAX_KEYS = 50_000;

/** Counts what happened in the last minute, by key, in windows that begin with a key's first event. */
export class RateWindow {
  /** Made with the first event: there is room for all keys in it. */
  private counts: LRUCache<string, { count: number }> | null = null;

  /** @param limit most events of a key in a minute; 0 for no limit */
  constructor(private readonly limit: number) {}

  /** Counts one event. */
  count(key: string): void {
    if (this.limit === 0) return;
    this.counts ??= new LRUCache({ max: MAX_KEYS, ttl: WINDOW_MS });
    const window = this.counts.get(key);
    if (window) window.count += 1;
    else this.counts.set(key, { count: 1 });
  }

  /**
   * Counts one event, unless the key had too many.
   *
   * @throws TooManyRequestsError in its place
   */
  take(key: string): void {
    const seconds = this.secondsToWait(key);
    if (seconds > 0) throw new TooManyRequestsError(seconds);
    this.count(key);
  }

  /** Seconds until the key may go on, at least 1; 0 while it is below the limit. */
  secondsToWait(key: string): number {
    const { counts, limit } = this;
    if (limit === 0 || counts === null || (counts.get(key)?.count ?? 0) < limit) return 0;
    return Math.max(1, Math.ceil(counts.getRemainingTTL(key) / 1000));
  }
}

/**
 * Bounds requests by JWT subject, and what fails by address; per process. Failures alone are counted and
 * refused: whoever proves to be somebody is never refused for what others did behind the same address.
 */
@Injectable()
export class AuthLimits {
  private readonly failures: RateWindow;
  private readonly deadValues: RateWindow;
  private readonly requests: RateWindow;

  constructor({ rateLimitPerMinute: perMinute }: ResolvedScimTokensOptions) {
    this.failures = new RateWindow(perMinute);
    this.deadValues = new RateWindow(perMinute);
    this.requests = new RateWindow(perMinute);
  }

  /**
   * Counts a failed authentication.
   *
   * @throws TooManyRequestsError in its place where the address had too many in the last minute
   */
  countFailure(ip: string | null): void {
    this.failures.take(networkOf(ip));
  }

  /** Whether an address sent too many values that ended nothing in the last minute. */
  hasDeadValuesEnough(ip: string | null): boolean {
    return this.deadValues.secondsToWait(networkOf(ip)) > 0;
  }

  /**
   * Counts a value that was handed in and ended nothing.
   *
   * @throws TooManyRequestsError where the address sent too many in the last minute
   */
  countDeadValue(ip: string | null): void {
    this.deadValues.take(networkOf(ip));
  }

  /** @throws TooManyRequestsError where the subject asked too often in the last minute */
  countRequest(sub: string): void {
    this.requests.take(sub);
  }
}

/**
 * One customer's IPv6 addresses are a /64: counting each alone would count nothing. Requests without an
 * address share one count, which locks nobody out: only failures are ever refused.
 */
export function networkOf(ip: string | null): string {
  if (!ip?.includes(':')) return ip ?? 'unknown';
  return parse(ip).toByteArray().slice(0, 8).join('.');
}

/** Bounds what one JWT subject may ask for in a minute. */
@Injectable()
export class SubjectRateGuard implements CanActivate {
  constructor(private readonly limits: AuthLimits) {}

  canActivate(context: ExecutionContext): true {
    this.limits.countRequest(claimsOf(context.switchToHttp().getRequest<object>()).sub);
    return true;
  }
}
