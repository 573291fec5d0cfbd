import { parse } from 'ipaddr.js';
import { TooManyRequestsError } from '../core/errors';
import { RateWindow } from './rate-window';

/**
 * Bounds requests by JWT subject, and what fails by address; per process. Failures alone are counted and
 * refused: whoever proves to be somebody is never refused for what others did behind the same address.
 */
export class AuthLimits {
  private readonly failures: RateWindow;
  private readonly deadValues: RateWindow;
  private readonly requests: RateWindow;

  /** @param perMinute limit of each; 0 turns them off */
  constructor(perMinute: number) {
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
    countIn(this.failures, networkOf(ip));
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
    countIn(this.deadValues, networkOf(ip));
  }

  /** @throws TooManyRequestsError where the subject asked too often in the last minute */
  countRequest(sub: string): void {
    countIn(this.requests, sub);
  }
}

function countIn(window: RateWindow, key: string): void {
  const seconds = window.secondsToWait(key);
  if (seconds > 0) throw new TooManyRequestsError(seconds);
  window.count(key);
}

/**
 * One customer's IPv6 addresses are a /64: counting each alone would count nothing. Requests without an
 * address share one count, which locks nobody out: only failures are ever refused.
 */
function networkOf(ip: string | null): string {
  if (!ip?.includes(':')) return ip ?? 'unknown';
  return parse(ip).toByteArray().slice(0, 8).join('.');
}
