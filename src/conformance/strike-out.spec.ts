import fc from 'fast-check';
import { strikesOut } from './strike-out';

const SECRET = 'scim_0123456789ab_/+=cdefghijklmnop';

describe('Striking out', () => {
  const strikeOut = strikesOut([SECRET]);

  it.each([
    ['as it is', SECRET],
    ['in capitals', SECRET.toUpperCase()],
    ['percent-encoded', encodeURIComponent(SECRET)],
    ['in base64', Buffer.from(SECRET).toString('base64').slice(0, -4)],
    ['its start', SECRET.slice(0, 14)],
    ['its end', SECRET.slice(-14)],
  ])('leaves nothing of a secret: %s', (_, form) => {
    expect(strikeOut(`<${form}> and ${form}`)).toMatch(/^<(\[token\])+> and (\[token\])+$/);
  });

  it('leaves other texts, whatever they are', () => {
    expect(strikeOut('scim_ is a prefix')).toBe('scim_ is a prefix');
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => strikeOut(text) === text));
  });
});
