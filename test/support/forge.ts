import { mintSecret } from '../../src/secrets/scim-token.secret';

/** A value that has another's lookup id, and a right checksum. */
export function forge(value: string): string {
  const [prefix, lookupId] = value.split('_');
  for (;;) {
    const forged = reseal(`${prefix}_${lookupId}_${mintSecret('scim').random}`);
    if (forged !== value) return forged;
  }
}

/** The same value under another prefix, with a right checksum. */
export function respell(value: string, prefix: string): string {
  return reseal(prefix + value.slice(value.indexOf('_'), -6));
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The published checksum: CRC-32, six base62 digits. */
function reseal(body: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(body)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = (crc ^ 0xffffffff) >>> 0;
  let digits = '';
  for (let at = 0; at < 6; at++) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return body + digits;
}
