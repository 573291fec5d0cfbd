import { hash, randomInt, timingSafeEqual } from 'node:crypto';
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
  /^(?<prefix>[a-z][a-z0-9]{1,20})_(?<lookupId>[0-9A-Za-z]{12})_(?<random>[0-9A-Za-z]{32})(?<checksum>[0-9A-Za-z]{6})$/;

/** What an access token's prefix has at its end; a value's own prefix may end so, too. */
const ACCESS_TOKEN_MARK = 'at';
/** The same of a setup link's secret. */
const SETUP_MARK = 'setup';

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
 * @param prefix 2 to 21 of a-z 0-9, starting with a letter
 */
export function mintSecret(prefix: string): ParsedSecret {
  const lookupId = randomBase62(LOOKUP_ID_LENGTH);
  const random = randomBase62(RANDOM_LENGTH);
  const visiblePrefix = `${prefix}_${lookupId}`;
  const body = `${visiblePrefix}_${random}`;
  return { value: body + checksum(body), lookupId, visiblePrefix, random };
}

/** An access token that was just minted: its value, and what is stored of it. */
export interface MintedAccessToken {
  readonly value: string;
  readonly lookupId: string;
  readonly lastFour: string;
  /** See {@link digestOfValue}. */
  readonly valueHash: string;
}

/**
 * Mints an access token's value, `<prefix>at_…` in the form of {@link mintSecret}.
 *
 * @param prefix that of the values, 2 to 16 characters
 */
export function mintAccessToken(prefix: string): MintedAccessToken {
  const { value, lookupId } = mintSecret(prefix + ACCESS_TOKEN_MARK);
  return { value, lookupId, lastFour: value.slice(-4), valueHash: digestOfValue(value) };
}

/**
 * Whether a value begins like an access token. Of which kind it is, its row alone says.
 *
 * @param prefix that of the values, which may itself end as if they were access tokens
 */
export function looksLikeAccessToken(value: string, prefix: string): boolean {
  const start = value.slice(0, value.indexOf('_'));
  return start !== prefix && start.endsWith(ACCESS_TOKEN_MARK);
}

/** A setup link's secret that was just minted, and what is stored of it. */
export type MintedSetupSecret = Pick<MintedAccessToken, 'value' | 'lookupId' | 'valueHash'>;

/**
 * Mints a setup link's secret, `<prefix>setup_…` in the form of {@link mintSecret}.
 *
 * @param prefix that of the values, 2 to 16 characters
 */
export function mintSetupSecret(prefix: string): MintedSetupSecret {
  const { value, lookupId } = mintSecret(prefix + SETUP_MARK);
  return { value, lookupId, valueHash: digestOfValue(value) };
}

/** Takes a secret apart that begins like a setup link's. Whether it is one, its row alone says. */
export function parseSetupSecret(value: string): ParsedSecret | null {
  const secret = parseSecret(value);
  return secret?.visiblePrefix.endsWith(`${SETUP_MARK}_${secret.lookupId}`) ? secret : null;
}

/** Whether a value has this digest, in constant time. */
export function hasDigest(value: string, valueHash: string): boolean {
  const digest = digestOfValue(value);
  return (
    digest.length === valueHash.length &&
    timingSafeEqual(Buffer.from(digest), Buffer.from(valueHash))
  );
}

/** SHA-256 of a whole value in hex: what an access token and an imported value are proven by. */
export function digestOfValue(value: string): string {
  return hash('sha256', value, 'hex');
}

/** Whether a value has the form of ours, though its checksum may be wrong. */
export function isShapedLikeSecret(value: string): boolean {
  return SECRET_PATTERN.test(value);
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
