import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { mintSecret, parseSecret } from './scim-token.secret';

const GUIDE = readFileSync(join(__dirname, '../../docs/guides/leaks.md'), 'utf8');
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const between = (start: RegExp, end: string): string => {
  const [, rest = ''] = GUIDE.split(start);
  return rest.slice(0, rest.indexOf(end));
};
const published = between(/```regex\n/, '\n```');
const gitleaks = between(/regex = '''/, "'''");
const github = between(/\| Secret format \| `/, '`');

describe('The published patterns', () => {
  it('find every value that is minted, in whatever surrounds it', () => {
    const patterns = [published, gitleaks, github].map((text) => new RegExp(text, 'g'));
    const missed: string[] = [];
    for (const prefix of ['scim', 'ab', 'scimat', 'a234567890123456at', 'scimsetup', 'a234567890123456setup']) {
      for (let round = 0; round < 3_000; round++) {
        const { value } = mintSecret(prefix);
        for (const text of [value, `token=${value}&x`, `"${value}"`, `Bearer ${value}\n`]) {
          for (const pattern of patterns)
            if (text.match(pattern)?.join() !== value) missed.push(text);
        }
      }
    }
    expect(missed).toEqual([]);
  });

  it('are one pattern, whose shape the checksum then judges', () => {
    expect(gitleaks).toBe(published);
    expect(`\\b${github}\\b`).toBe(published);
    expect(GUIDE).toContain('keywords = ["scim_", "scimat_", "scimsetup_"]');
  });
});

describe('The parser', () => {
  it('takes none of 10 MB of look-alikes for a value', () => {
    const noise = randomBytes(10 * 1024 ** 2);
    for (let at = 0; at < noise.length; at++) noise[at] = BASE62.charCodeAt(noise[at]! % 62);
    const text = noise.toString('latin1');
    const taken: string[] = [];
    for (let at = 0; at + 50 <= text.length; at += 50) {
      const candidate = `scim_${text.slice(at, at + 12)}_${text.slice(at + 12, at + 50)}`;
      if (parseSecret(candidate)) taken.push(candidate);
    }
    expect(taken).toEqual([]);
  });

  it('takes no value with one character changed, lost or moved', () => {
    for (let round = 0; round < 20; round++) {
      const { value } = mintSecret('scim');
      expect(parseSecret(value)).not.toBeNull();
      for (let at = 0; at < value.length; at++) {
        const other = value[at] === 'x' ? 'y' : 'x';
        expect(parseSecret(value.slice(0, at) + other + value.slice(at + 1))).toBeNull();
        expect(parseSecret(value.slice(0, at) + value.slice(at + 1))).toBeNull();
        const [one = '', two = ''] = value.slice(at, at + 2);
        if (one !== two && two !== '') {
          expect(parseSecret(value.slice(0, at) + two + one + value.slice(at + 2))).toBeNull();
        }
      }
    }
  });
});
