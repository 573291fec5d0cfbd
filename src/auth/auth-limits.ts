import { parse } from 'ipaddr.js';
import { TooManyRequestsError } from '../common/errors';
import { RateWindow } from './rate-window';

/** Bounds requests by JWT subject, and failed authentications by address; per process. */
export class AuthLimits {
  private readonly failures: RateWindow;
  private readonly requests: RateWindow;

  /** @param perMinute limit of each; 0 turns both off */
  constructor(perMinute: number) {
    this.failures = new RateWindow(perMinute);
    this.requests = new RateWindow(perMinute);
  }

  /** @throws TooManyRequestsError for an address with too many failures in the last minute */
  requireFewFailures(ip: string | null): void {
    requireNoWait(this.failures.secondsToWait(networkOf(ip)));
  }

  /** Counts a failed authentication. */
  countFailure(ip: string | null): void {
    this.failures.count(networkOf(ip));
  }

  /** @throws TooManyRequestsError where the subject asked too often in the last minute */
  countRequest(sub: string): void {
    requireNoWait(this.requests.secondsToWait(sub));
    this.requests.count(sub);
  }
}

function requireNoWait(seconds: number): void {
  if (seconds > 0) throw new TooManyRequestsError(seconds);
}

/** One customer's IPv6 addresses are a /64: counting each alone would count nothing. */
function networkOf(ip: string | null): string {
  if (!ip?.includes(':')) return ip ?? 'unknown';
  const [address = ''] = ip.split('%');
  return parse(address).toByteArray().slice(0, 8).join('.');
}
