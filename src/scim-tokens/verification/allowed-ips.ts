import { isValid, parse, parseCIDR, type IPv4, type IPv6 } from 'ipaddr.js';

/**
 * Whether an address lies in one of the networks. IPv4-mapped IPv6 addresses count as IPv4; without an
 * address the answer is no.
 *
 * @param networks canonical CIDR
 */
export function isAllowedIp(ip: string | null | undefined, networks: readonly string[]): boolean {
  const address = readAddress(ip);
  if (!address) return false;
  return networks.some((network) => {
    const [base, bits] = parseCIDR(network);
    return base.kind() === address.kind() && address.match([base, bits]);
  });
}

/** An address in its shortest form, IPv4 where it is mapped; null for what is none. */
export function canonicalIp(ip: string | null | undefined): string | null {
  return readAddress(ip)?.toString() ?? null;
}

function readAddress(ip: string | null | undefined): IPv4 | IPv6 | null {
  if (!ip || !isValid(ip)) return null;
  const address = parse(ip);
  const mapped = address.kind() === 'ipv6' ? (address as IPv6) : null;
  return mapped?.isIPv4MappedAddress() ? mapped.toIPv4Address() : address;
}
