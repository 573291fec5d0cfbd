import { createHash } from 'node:crypto';
import fc from 'fast-check';
import {
  digestOfValue,
  hasDigest,
  looksLikeAccessToken,
  mintAccessToken,
  mintSecret,
  mintSetupSecret,
  parseSecret,
  parseSetupSecret,
  SECRET_PATTERN,
} from './scim-token.secret';

describe('A secret', () => {
  it('is prefix, lookup id, random part and checksum', () => {
    const { value, lookupId, visiblePrefix, random } = mintSecret('scim');
    expect(value).toMatch(/^scim_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/);
    expect(visiblePrefix).toBe(`scim_${lookupId}`);
    expect(value.startsWith(`${visiblePrefix}_${random}`)).toBe(true);
  });

  it('is read back whatever its prefix', () => {
    const prefix = fc.stringMatching(/^[a-z][a-z0-9]{1,20}$/);
    fc.assert(
      fc.property(prefix, (name) => {
        const secret = mintSecret(name);
        expect(parseSecret(secret.value)).toEqual(secret);
      }),
    );
  });

  it('is read from no other text than what it was minted as', () => {
    const anything = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 120 }),
      fc.stringMatching(/^[a-z][a-z0-9]{1,20}_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/),
    );
    fc.assert(
      fc.property(anything, (text) => {
        const read = parseSecret(text);
        // The checksum is right by chance once in four thousand million.
        expect(read).toBeNull();
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read from nothing that is cut, doubled, or has anything around it', () => {
    const { value } = mintSecret('scim');
    const around = fc.string({ unit: 'binary', minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.nat(value.length - 1), around, (at, text) => {
        for (const broken of [
          value.slice(0, at),
          value.slice(at + 1),
          value + text,
          text + value,
          value.slice(0, at) + text + value.slice(at),
          value.slice(0, at) + value,
        ]) {
          if (broken !== value) expect(parseSecret(broken)).toBeNull();
        }
      }),
    );
  });

  it('has a checksum that catches every change of one character', () => {
    const { value } = mintSecret('scim');
    for (let at = 0; at < value.length; at++) {
      for (const other of ['0', 'Z', 'a', '_', 'é', ' ']) {
        if (other === value[at]) continue;
        expect(parseSecret(value.slice(0, at) + other + value.slice(at + 1))).toBeNull();
      }
    }
  });

  it('has the CRC-32 that others compute, in base62', () => {
    const body = 'scim_000000000000_00000000000000000000000000000000';
    expect(parseSecret(`${body}${base62Crc(body)}`)).not.toBeNull();
  });

  it.each(['', 'scim', 'scim__', ' scim_x', 'a'.repeat(100_000), 'scim_' + '0'.repeat(51)])(
    'is not read from %j',
    (text) => {
      expect(parseSecret(text)).toBeNull();
    },
  );

  it('does not come twice, and uses the whole alphabet evenly', () => {
    const values = Array.from({ length: 2000 }, () => mintSecret('scim'));
    expect(new Set(values.map(({ value }) => value)).size).toBe(values.length);
    const counts = new Map<string, number>();
    for (const { random } of values) {
      for (const character of random) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect(counts.size).toBe(62);
    const expected = (values.length * 32) / 62;
    const chiSquare = [...counts.values()].reduce(
      (sum, count) => sum + (count - expected) ** 2 / expected,
      0,
    );
    // 61 degrees of freedom: a fair source is above 130 once in two million runs.
    expect(chiSquare).toBeLessThan(130);
    expect(values.every(({ value }) => SECRET_PATTERN.test(value))).toBe(true);
  });
});

describe('An access token', () => {
  it('has the form of a secret, two characters more of prefix, and its SHA-256', () => {
    const minted = mintAccessToken('a234567890123456');
    expect(minted.value).toMatch(/^a234567890123456at_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/);
    expect(minted.value.length).toBeLessThanOrEqual(128);
    expect(parseSecret(minted.value)).toMatchObject({ lookupId: minted.lookupId });
    expect(minted.value.endsWith(minted.lastFour)).toBe(true);
    expect(minted.valueHash).toBe(createHash('sha256').update(minted.value).digest('hex'));
  });

  it('looks like one by its prefix alone', () => {
    expect(looksLikeAccessToken(mintAccessToken('scim').value, 'scim')).toBe(true);
    expect(looksLikeAccessToken(mintAccessToken('flat').value, 'flat')).toBe(true);
    expect(looksLikeAccessToken(mintAccessToken('former').value, 'scim')).toBe(true);
    for (const prefix of ['scim', 'flat', 'atx']) {
      expect(looksLikeAccessToken(mintSecret(prefix).value, prefix)).toBe(false);
    }
  });
});

describe("A setup link's secret", () => {
  it('has the form of a secret, five characters more of prefix, and its SHA-256', () => {
    const minted = mintSetupSecret('a234567890123456');
    expect(minted.value).toMatch(/^a234567890123456setup_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}$/);
    expect(parseSetupSecret(minted.value)).toMatchObject({ lookupId: minted.lookupId });
    expect(minted.valueHash).toBe(createHash('sha256').update(minted.value).digest('hex'));
  });

  it('is read from nothing that begins otherwise, or is no secret at all', () => {
    const { value } = mintSetupSecret('scim');
    const others = [mintSecret('scim'), mintSecret('setupx'), mintAccessToken('scim')];
    for (const other of [...others.map((one) => one.value), value.slice(0, -1), '', 'setup']) {
      expect(parseSetupSecret(other)).toBeNull();
    }
  });

  it('is proven by its own digest alone', () => {
    const { value, valueHash } = mintSetupSecret('scim');
    expect(hasDigest(value, valueHash)).toBe(true);
    for (const hash of [digestOfValue('x'), valueHash.slice(1), '']) {
      expect(hasDigest(value, hash)).toBe(false);
    }
  });
});

/** Bit by bit, as RFC 1952 has it: independent of the library. */
function base62Crc(text: string): string {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  let rest = BigInt((crc ^ 0xffffffff) >>> 0);
  let out = '';
  const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  for (let i = 0; i < 6; i++) {
    out = (alphabet[Number(rest % 62n)] ?? '') + out;
    rest /= 62n;
  }
  return out;
}
