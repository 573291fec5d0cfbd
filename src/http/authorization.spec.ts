import fc from 'fast-check';
import { authorizationOf, readAuthorization, readBasic } from './authorization';
import type { IncomingRequest } from './incoming-request';

describe('Authorization', () => {
  it.each(['Bearer a.b-c_~+/9==', 'bEARER a', 'Bearer   a'])('%s is a bearer token', (header) => {
    expect(readAuthorization(header)).toMatchObject({ kind: 'bearer', isToken: true });
  });

  it.each([
    'Bearer a b',
    'Bearer a,',
    'Bearer a=b',
    'Bearer =',
    'Bearer "a"',
    'Bearer \u00a0a',
    'Bearer Bearer a',
    'Bearer a\t',
  ])('%j has the scheme, and no token that stands alone', (header) => {
    expect(readAuthorization(header)).toMatchObject({ kind: 'bearer', isToken: false });
  });

  it.each(['Basic a', 'a', 'Bearer\ta', 'Bearer\u00a0a', 'Bearera b', 'Bearer: a', ' Bearer a'])(
    '%j has another scheme',
    (header) => {
      expect(readAuthorization(header)).toMatchObject({ kind: 'other' });
    },
  );

  it.each([undefined, '', 'Bearer', 'bearer   '])('%j holds nothing', (header) => {
    expect(readAuthorization(header)).toEqual({ kind: 'missing' });
  });

  it('is no token where it was sent more than once', () => {
    const headers = { authorization: 'Bearer a' };
    const rawHeaders = ['Host', 'x', 'Authorization', 'Bearer a', 'AUTHORIZATION', 'Bearer b'];
    for (const request of [{ rawHeaders }, { raw: { rawHeaders } }]) {
      const header = authorizationOf({ url: '/', headers, ...request } as IncomingRequest);
      expect(readAuthorization(header)).toMatchObject({ kind: 'bearer', isToken: false });
    }
    expect(authorizationOf({ url: '/', headers, rawHeaders: rawHeaders.slice(0, 4) })).toBe(
      'Bearer a',
    );
  });
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const half = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.toWellFormed());

describe('HTTP Basic', () => {
  it('holds id and secret, each form-encoded for itself', () => {
    fc.assert(
      fc.property(half, half, fc.boolean(), (id, secret, plus) => {
        const [left, right] = [id, secret]
          .map(encodeURIComponent)
          .map((text) => (plus ? text.replaceAll('%20', '+') : text));
        expect(readBasic(basic(`${left}:${right}`))).toEqual({ id, secret });
      }),
    );
  });

  it('holds what is not encoded as well, where that makes no difference', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[\w.~-]*$/),
        fc.stringMatching(/^[\w.~:-]*$/),
        (id, secret) => {
          expect(readBasic(basic(`${id}:${secret}`))).toEqual({ id, secret });
        },
      ),
    );
  });

  it('is read or is none, whatever a header holds', () => {
    const header = fc.oneof(
      half,
      half.map((text) => `Basic ${text}`),
      half.map(basic),
      fc.uint8Array().map((bytes) => `Basic ${Buffer.from(bytes).toString('base64')}`),
    );
    fc.assert(
      fc.property(header, (text) => {
        const found = readBasic(text);
        if (found === null) return;
        const { id, secret } = found;
        const again = basic(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`);
        expect(readBasic(again)).toEqual(found);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['basic', 'BASIC', 'Basic  '])('is read under the scheme %j', (scheme) => {
    expect(readBasic(`${scheme} ${Buffer.from('a:b').toString('base64')}`)).toEqual({
      id: 'a',
      secret: 'b',
    });
  });

  it.each([
    '',
    'Basic',
    'Basic ',
    'Basic !!!!',
    'Basic YTpi, Basic YTpi',
    'Basic YTp',
    'Basic=YTpi',
    'BasicYTpi',
    'Bearer YTpi',
    'Basic YTpi YTpi',
    basic('without a colon'),
    basic('a%zz:b'),
    basic('a:b%'),
    basic('a:%ff'),
    `Basic ${Buffer.from([0x61, 0x3a, 0xff]).toString('base64')}`,
  ])('is none: %j', (header) => {
    expect(readBasic(header)).toBeNull();
  });
});
