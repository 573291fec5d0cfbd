import { checkedIssuers, TrustedIssuers, type TrustedIssuer } from './trusted-issuers';

const TENANT = '5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70';
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;

describe('An issuer', () => {
  const builtIn = new TrustedIssuers({ issuers: [] });

  it.each([
    [V2, `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`],
    [
      `https://sts.windows.net/${TENANT}/`,
      `https://login.microsoftonline.com/${TENANT}/discovery/keys`,
    ],
    [
      `https://login.microsoftonline.us/${TENANT}/v2.0`,
      `https://login.microsoftonline.us/${TENANT}/discovery/v2.0/keys`,
    ],
    [
      `https://login.partner.microsoftonline.cn/${TENANT}/v2.0`,
      `https://login.partner.microsoftonline.cn/${TENANT}/discovery/v2.0/keys`,
    ],
  ])('%s is Entra’s, and has its keys at %s', (issuer, keys) => {
    expect(builtIn.jwksUriOf(issuer)).toBe(keys);
    expect(builtIn.tenantOf(issuer)).toBe(TENANT);
  });

  it.each([
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.microsoftonline.com/organizations/v2.0',
    'https://login.microsoftonline.com/consumers/v2.0',
    'https://login.microsoftonline.com/{tenant_id}/v2.0',
    'https://login.microsoftonline.com/{tenantid}/v2.0',
    'https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0',
    V2.toUpperCase(),
    `${V2}/`,
    ` ${V2}`,
    `https://sts.windows.net/${TENANT}`,
    `https://login.microsoftonline.com/${TENANT}`,
    `http://login.microsoftonline.com/${TENANT}/v2.0`,
    `https://login.microsoftonline.com.evil.example/${TENANT}/v2.0`,
    `https://login.microsoftonline.com/${TENANT}/${TENANT}/v2.0`,
    `https://login.microsoftonline.com/${TENANT}x/v2.0`,
    'https://169.254.169.254/latest',
    '',
  ])('%j is not trusted', (issuer) => {
    expect(builtIn.jwksUriOf(issuer)).toBeNull();
    expect(builtIn.tenantOf(issuer)).toBeNull();
  });

  it('of the configuration comes beside the built-in ones, or in place of the same, the exact one first', () => {
    const keys = 'http://127.0.0.1:9/keys';
    const issuers = new TrustedIssuers({
      issuers: [
        { issuer: 'https://{tenant_id}.id.example/{tenant_id}', jwks_uri: `${keys}/{tenant_id}` },
        { issuer: 'https://sts.windows.net/{tenant_id}/', jwks_uri: `${keys}/v1` },
        { issuer: V2, jwks_uri: keys },
        { issuer: 'https://login.example.com', jwks_uri: `${keys}/one` },
      ],
    });
    expect(issuers.jwksUriOf(`https://${TENANT}.id.example/${TENANT}`)).toBe(`${keys}/${TENANT}`);
    expect(
      issuers.jwksUriOf(`https://${TENANT}.id.example/${TENANT.replace('5', '6')}`),
    ).toBeNull();
    expect(issuers.jwksUriOf(`https://sts.windows.net/${TENANT}/`)).toBe(`${keys}/v1`);
    expect(issuers.jwksUriOf(V2)).toBe(keys);
    expect(issuers.jwksUriOf(V2.replace('5', '6'))).toContain(
      'https://login.microsoftonline.com/6',
    );
    expect(issuers.jwksUriOf('https://login.example.com')).toBe(`${keys}/one`);
    // `tid` is Entra's claim, wherever its keys come from.
    expect(issuers.tenantOf(V2)).toBe(TENANT);
    expect(issuers.tenantOf(`https://${TENANT}.id.example/${TENANT}`)).toBeNull();
  });

  it('is never trusted where OAuth is off', () => {
    expect(new TrustedIssuers(null).jwksUriOf(V2)).toBeNull();
  });
});

describe('A list of issuers that is wrong is told by entry and member:', () => {
  const RIGHT: TrustedIssuer = {
    issuer: 'https://login.example.com/{tenant_id}',
    jwks_uri: 'https://login.example.com/{tenant_id}/keys?appid=1',
  };
  const WEB = 'takes an https URL, or an http URL on a loopback host';

  it.each<[string, unknown, string]>([
    ['no list', { issuers: [] }, 'issuers takes a list'],
    ['a text in place of an entry', ['https://a.example'], 'issuers[0] takes an object'],
    ['a member that is not known', [{ ...RIGHT, jwksUri: 'x' }], 'issuers[0].jwksUri is not known'],
    ['no issuer', [{ jwks_uri: RIGHT.jwks_uri }], `issuers[0].issuer ${WEB}`],
    ['no URL of keys', [RIGHT, { issuer: 'https://b.example' }], `issuers[1].jwks_uri ${WEB}`],
    ['http', [{ ...RIGHT, jwks_uri: 'http://b.example/keys' }], `issuers[0].jwks_uri ${WEB}`],
    [
      'a user name',
      [{ ...RIGHT, jwks_uri: 'https://a:b@b.example' }],
      `issuers[0].jwks_uri ${WEB}`,
    ],
    ['a fragment', [{ ...RIGHT, issuer: 'https://b.example/#a' }], `issuers[0].issuer ${WEB}`],
    ['a blank', [{ ...RIGHT, issuer: 'https://b.example ' }], `issuers[0].issuer ${WEB}`],
    ['another placeholder', [{ ...RIGHT, issuer: 'https://b.example/{tid}' }], '[0].issuer takes'],
    [
      'a long issuer',
      [{ ...RIGHT, issuer: `https://b.example/${'a'.repeat(512)}` }],
      'at most 512',
    ],
    [
      'a tenant in the keys alone',
      [{ ...RIGHT, issuer: 'https://b.example' }],
      '[0].jwks_uri takes {',
    ],
    ['an issuer twice', [RIGHT, RIGHT], 'issuers[1].issuer stands there twice'],
  ])('%s', (_, list, message) => {
    expect(() => checkedIssuers(list)).toThrow(message);
  });

  it('and none of a right one', () => {
    const local = { issuer: 'http://localhost:8080', jwks_uri: 'http://[::1]:8080/keys' };
    expect(checkedIssuers([RIGHT, local])).toEqual([RIGHT, local]);
  });
});
