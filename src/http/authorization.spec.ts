import { authorizationOf, readAuthorization } from './authorization';
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
