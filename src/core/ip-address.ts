import { isIPv4, isIPv6 } from 'node:net';
import { IPv6, parse, parseCIDR } from 'ipaddr.js';

/** Most characters that a proxy's spelling of an address may have; what is longer is none. */
const MAX_LENGTH = 128;
/** Start of most IPv4-mapped addresses, which need no parser. */
const MAPPED = '::ffff:';

/**
 * The address in whatever a proxy, a socket or a host writes for one: without port, brackets and zone, in
 * its shortest form, IPv4 where it is mapped into IPv6. Null for all else, `unknown` and `_hidden`
 * (RFC 7239 §6) among it. IPv4 is four decimal numbers and nothing else: `127.1` and `0x7f.0.0.1` are read
 * otherwise elsewhere. Cheap, since each request asks.
 */
export function toIpAddress(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return null;
  if (isIPv4(text)) return text;
  if (text.startsWith(MAPPED) && isIPv4(text.slice(MAPPED.length))) {
    return text.slice(MAPPED.length);
  }
  const address = withoutPort(text);
  if (address === null || isIPv4(address)) return address;
  const zone = address.indexOf('%');
  const plain = zone === -1 || zone === address.length - 1 ? address : address.slice(0, zone);
  if (!isIPv6(plain) || plain.includes('%')) return null;
  const parsed = IPv6.parse(plain);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toString();
}

/**
 * Whether an address lies outside the networks that a token may be used from; with none it may be from anywhere.
 *
 * @param networks canonical CIDR
 */
export function isElsewhere(text: unknown, networks: readonly string[]): boolean {
  return networks.length > 0 && !isInNetworks(text, networks);
}

/**
 * Whether an address, however it is written, lies in one of the networks. What is no address lies in none.
 *
 * @param networks canonical CIDR
 */
export function isInNetworks(text: unknown, networks: readonly string[]): boolean {
  const canonical = toIpAddress(text);
  if (canonical === null) return false;
  const address = parse(canonical);
  return networks.some((network) => {
    const [base, bits] = parseCIDR(network);
    return base.kind() === address.kind() && address.match([base, bits]);
  });
}

/** What stands before a port: `[…]:443`, or one colon behind an IPv4 address. Null for a port that is none. */
function withoutPort(text: string): string | null {
  const end = text.startsWith('[') ? text.indexOf(']') : -1;
  if (end > 0) return isPort(text.slice(end + 1)) ? text.slice(1, end) : null;
  const colon = text.indexOf(':');
  if (colon === -1 || colon !== text.lastIndexOf(':')) return text;
  const host = text.slice(0, colon);
  return isIPv4(host) && isPort(text.slice(colon)) ? host : null;
}

/** Nothing, or a colon and a port. */
function isPort(text: string): boolean {
  return text === '' || (/^:\d{1,5}$/.test(text) && Number(text.slice(1)) <= 65_535);
}
