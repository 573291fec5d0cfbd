import { redact } from './logger';

const VALUE = `scim_${'a'.repeat(12)}_${'b'.repeat(38)}`;

describe('The log', () => {
  it.each([
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', '[redacted]'],
    ['/x/eyJh.eyJz.c2ln?', '/x/[redacted]?'],
    ['x-eyJeyJh.eyJz.', 'x-[redacted]'],
    ['eyJh..iv.text.tag', '[redacted]'],
    [VALUE, '[redacted]'],
    [`eyJ-${VALUE}`, 'eyJ-[redacted]'],
    [`eyJ.${VALUE}`, 'eyJ.[redacted]'],
    ['publicKeyJwk of eyJ', 'publicKeyJwk of eyJ'],
  ])('strikes credentials out of %s', (text, left) => {
    expect(redact(text)).toBe(left);
  });
});
