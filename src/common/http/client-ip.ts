import type { IncomingRequest } from './incoming-request';

const MAPPED_IPV4 = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** The client's address as the app's proxy setting says; an IPv4-mapped address counts as IPv4. */
export function clientIp(request: IncomingRequest): string | null {
  const { ip } = request;
  if (ip === undefined || ip === '') return null;
  // Most are not: an expression for each request costs more than it looks.
  return ip.startsWith(':') ? (MAPPED_IPV4.exec(ip)?.[1] ?? ip) : ip;
}
