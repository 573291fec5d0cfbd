import { IPv4, IPv6 } from 'ipaddr.js';
import { toIpAddress } from '../../core/ip-address';
import { Rejected } from './read-values';

const NETMASK = /^\d+\.\d+\.\d+\.\d+$/;
/** In characters, of `ffff:…:255.255.255.255`. */
const LONGEST_ADDRESS = 45;
const IPV4_MAPPED_BITS = 96;

/**
 * Reads an IPv4 or IPv6 network as Python's `ipaddress` does, and returns it as canonical CIDR: an
 * address alone is a network of one, a netmask or host mask is turned into a length, bits beyond the
 * length are an error, IPv4-mapped networks become IPv4. Zones are refused: they name an interface of
 * one machine.
 */
export function readNetwork(input: unknown): string | Rejected {
  return canonical(input) ?? new Rejected('ip_any_network');
}

/** Reads an IPv4 or IPv6 address, also as a proxy writes it; an IPv4-mapped one is IPv4. */
export function readAddress(input: unknown): string | Rejected {
  return toIpAddress(input) ?? new Rejected('ip_any_address');
}

function canonical(input: unknown): string | null {
  if (typeof input === 'boolean') return canonical(Number(input));
  if (typeof input === 'number' || typeof input === 'bigint') return fromNumber(input);
  if (typeof input !== 'string') return null;
  const slash = input.indexOf('/');
  const address = slash === -1 ? input : input.slice(0, slash);
  const length = slash === -1 ? undefined : input.slice(slash + 1);
  if (address.length > LONGEST_ADDRESS) return null;
  if (IPv4.isValidFourPartDecimal(address)) return v4(address, length);
  return isV6(address) ? v6(address, length) : null;
}

/** The number of an address, IPv4 where it fits into 32 bits. */
function fromNumber(number: number | bigint): string | null {
  if (typeof number === 'number' && !Number.isSafeInteger(number)) return null;
  const value = BigInt(number);
  if (value < 0n || value >= 2n ** 128n) return null;
  const bits = value < 2n ** 32n ? 32 : 128;
  const bytes = Buffer.from(value.toString(16).padStart(bits / 4, '0'), 'hex');
  return bits === 32 ? v4([...bytes].join('.'), '32') : v6(new IPv6([...bytes]).toString(), '128');
}

function v4(address: string, length: string | undefined): string | null {
  const bits = NETMASK.test(length ?? '') ? bitsOfMask(length ?? '') : bitsOf(length, 32);
  if (bits === null) return null;
  const parsed = IPv4.parse(address);
  return hasHostBits(parsed.octets, bits, 8) ? null : `${parsed.toString()}/${bits}`;
}

function v6(address: string, length: string | undefined): string | null {
  const bits = bitsOf(length, 128);
  if (bits === null) return null;
  const parsed = IPv6.parse(address);
  if (hasHostBits(parsed.parts, bits, 16)) return null;
  return parsed.isIPv4MappedAddress() && bits >= IPV4_MAPPED_BITS
    ? `${parsed.toIPv4Address().toString()}/${bits - IPV4_MAPPED_BITS}`
    : `${parsed.toRFC5952String()}/${bits}`;
}

/** Groups of more than four digits, which the library takes, are no address. */
function isV6(address: string): boolean {
  return (
    !/%|[0-9a-f]{5}/i.test(address) &&
    IPv6.isValid(address) &&
    (!address.includes('.') ||
      IPv4.isValidFourPartDecimal(address.slice(address.lastIndexOf(':') + 1)))
  );
}

function bitsOf(length: string | undefined, most: number): number | null {
  if (length === undefined) return most;
  if (!/^\d+$/.test(length)) return null;
  const bits = Number(length);
  return bits <= most ? bits : null;
}

/** A netmask's length, or a host mask's (its inverse). */
function bitsOfMask(mask: string): number | null {
  if (!IPv4.isValidFourPartDecimal(mask)) return null;
  const value = IPv4.parse(mask).octets.reduce((sum, octet) => sum * 256 + octet, 0);
  for (let bits = 0; bits <= 32; bits++) {
    const hosts = 2 ** (32 - bits) - 1;
    if (value === 2 ** 32 - 1 - hosts || (value === hosts && bits > 0)) return bits;
  }
  return null;
}

function hasHostBits(groups: readonly number[], bits: number, width: number): boolean {
  return groups.some((group, index) => {
    const own = Math.min(Math.max(bits - index * width, 0), width);
    return group % 2 ** (width - own) !== 0;
  });
}
