import { toIpAddress } from '../core/ip-address';
import type { IncomingRequest } from './incoming-request';

/** The client's address as the app's proxy setting says; null where what a proxy wrote is none. */
export function clientIp({ ip }: IncomingRequest): string | null {
  return toIpAddress(ip);
}
