import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LOOKUP_ID_LENGTH = 12;
/** 32 base62 characters carry 190 bits. */
const RANDOM_LENGTH = 32;
/** 62^6 > 2^32: six characters hold any CRC-32. */
const CHECKSUM_LENGTH = 6;

/**
 * What a value looks like, for leak scanners. The checksum is not part of it: {@link parseSecret}
 * checks that too.
 */
export const SECRET_PATTERN =
  /^(?<prefix>[a-z][a-z0-9]{1,15})_(?<lookupId>[0-9A-Za-z]{12})_(?<random>[0-9A-Za-z]{32})(?<checksum>[0-9A-Za-z]{6})$/;

/** The parts of a value that an identity provider sends as its bearer token. */
export interface ParsedSecret {
  readonly value: string;
  /** Finds the secret's row; shown to administrators. */
  readonly lookupId: string;
  /** Prefix and lookup id: the start that may be shown. */
  readonly visiblePrefix: string;
  /** The secret part proper, 32 base62 characters: what bcrypt hashes. */
  readonly random: string;
}

/**
 * Mints a value: `<prefix>_<lookup id>_<random><CRC-32>`, from the system's CSPRNG without modulo bias.
 *
 * @param prefix 2 to 16 of a-z 0-9, starting with a letter
 */
export function mintSecret(prefix: string): ParsedSecret {
  const lookupId = randomBase62(LOOKUP_ID_LENGTH);
  const random = randomBase62(RANDOM_LENGTH);
  const visiblePrefix = `${prefix}_${lookupId}`;
  const body = `${visiblePrefix}_${random}`;
  return { value: body + checksum(body), lookupId, visiblePrefix, random };
}

/** Takes a value apart, or answers null for anything that is none: wrong shape or wrong checksum. */
export function parseSecret(value: string): ParsedSecret | null {
  const parts = SECRET_PATTERN.exec(value)?.groups;
  if (!parts) return null;
  const { prefix, lookupId, random } = parts as Record<'prefix' | 'lookupId' | 'random', string>;
  const body = value.slice(0, -CHECKSUM_LENGTH);
  if (checksum(body) !== value.slice(-CHECKSUM_LENGTH)) return null;
  return { value, lookupId, visiblePrefix: `${prefix}_${lookupId}`, random };
}

function checksum(body: string): string {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    text = BASE62.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  }
  return text;
}

function randomBase62(length: number): string {
  let text = '';
  for (let i = 0; i < length; i++) text += BASE62.charAt(randomInt(62));
  return text;
}
