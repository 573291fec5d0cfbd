import { IssuerKeys, signJwt, signingKey } from '../../../test/support/issuer-keys';
import { APP, outcome, SUBJECT, Trusting, verifierOf } from '../../../test/support/trusting';
import type { AssertionRefusedError } from './assertion-refused.error';
import type { AssertionVerifier } from './assertion-verifier';

const p256 = signingKey('ec');
const OTHER = 'a47c0b92-5e16-4f3d-97b8-d10e2c6f8a35';
const soon = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

let keys: IssuerKeys;
let verifier: AssertionVerifier;
let ours: Trusting;

beforeAll(async () => {
  keys = await IssuerKeys.start();
});
afterAll(() => keys.stop());
beforeEach(() => {
  verifier = verifierOf(keys);
  ours = new Trusting();
  keys.requests.length = 0;
});

const header = (changes: object = {}): object => ({
  typ: 'JWT',
  alg: 'RS256',
  kid: keys.trusted.kid,
  ...changes,
});
const verify = (assertion: string, token = ours.token): Promise<string | number> =>
  outcome(verifier.verify(assertion, token));
const signed = (claims: object = {}, changes: object = {}): string =>
  keys.assertion(header(changes), ours.claims(claims));

/** With other claims, byte by byte, under the old signature. */
const withClaims = (assertion: string, change: (claims: string) => string): string => {
  const [head = '', claims = '', signature = ''] = assertion.split('.');
  const changed = change(Buffer.from(claims, 'base64url').toString('latin1'));
  return [head, Buffer.from(changed, 'latin1').toString('base64url'), signature].join('.');
};

describe('An assertion is taken', () => {
  it('in each way that Entra makes one, with one read of the keys', async () => {
    const right: [object, object?][] = [
      [{}],
      [{ aud: `api://${APP}` }],
      [{ aud: `api://${APP}/scim.example.com` }],
      [{ aud: [APP] }],
      [{ azp: undefined, appid: OTHER, ver: '1.0' }],
      [{ nbf: undefined }],
      [{ iat: soon(45), nbf: soon(45) }],
      [{ exp: soon(-45) }],
      [{ exp: soon(24 * 3600) }],
      [{}, { typ: undefined, x5t: 'x', x5c: ['x'] }],
      [{}, { typ: 'client-authentication+jwt' }],
      [{}, { alg: 'PS256' }],
    ];
    for (const [claims, changes] of right) {
      expect([claims, changes, await verify(signed(claims, changes))]).toEqual([
        claims,
        changes,
        'taken',
      ]);
    }
    expect(keys.requests).toEqual([`/${ours.tenant}/v2/keys`]);
  });

  it('by an elliptic key, by a v1 token for a v1 issuer, and again', async () => {
    keys.publish(ours.tenant, [keys.trusted, p256]);
    const elliptic = signJwt(header({ alg: 'ES256', kid: p256.kid }), ours.claims(), p256);
    expect([await verify(elliptic), await verify(elliptic)]).toEqual(['taken', 'taken']);
    const issuer = `https://sts.windows.net/${ours.tenant}/`;
    const { token } = new Trusting({ issuer });
    expect(await verify(signed({ iss: issuer }), token)).toBe('taken');
  });

  it('by the party and the tenant that are pinned', async () => {
    const trust = { ...ours.trust, tenant_id: ours.tenant, authorized_party: OTHER };
    const token = { ...ours.token, trust };
    expect(await verify(signed({ azp: OTHER }), token)).toBe('taken');
    expect(await verify(signed({ azp: undefined, appid: OTHER }), token)).toBe('taken');
    expect(await verify(signed(), token)).toBe('assertion_party');
    expect(await verify(signed({ azp: OTHER, appid: APP }), token)).toBe('assertion_party');
    expect(await verify(signed({ azp: undefined }), token)).toBe('assertion_party');
    const elsewhere = { ...token, trust: { ...trust, tenant_id: OTHER } };
    expect(await verify(signed({ azp: OTHER }), elsewhere)).toBe('assertion_tenant');
  });

  it('of another issuer, whose tokens have no tid', async () => {
    const issuer = 'https://login.example.com';
    verifier = verifierOf(keys, [{ issuer, jwks_uri: `${keys.url}/x/keys` }]);
    const { token } = new Trusting({ issuer });
    expect(await verify(signed({ iss: issuer, tid: undefined }), token)).toBe('taken');
    expect(keys.requests).toEqual(['/x/keys']);
  });
});

describe('An assertion is refused, and no key is asked for,', () => {
  it.each<[string, string, () => object]>([
    ['for another application', 'assertion_audience', () => ({ aud: OTHER })],
    ['for another vendor', 'assertion_audience', () => ({ aud: 'https://scim.other.example' })],
    ['for Microsoft Graph', 'assertion_audience', () => ({ aud: 'https://graph.microsoft.com' })],
    ['for us with something appended', 'assertion_audience', () => ({ aud: `api://${APP}.evil` })],
    ['for us and others', 'assertion_audience', () => ({ aud: [APP, OTHER] })],
    ['for nobody', 'assertion_audience', () => ({ aud: [] })],
    ['for a list of lists', 'assertion_audience', () => ({ aud: [[APP]] })],
    [
      'for the scope that the portal shows',
      'assertion_audience',
      () => ({ aud: ours.trust.audience }),
    ],
    ['without audience', 'assertion_audience', () => ({ aud: undefined })],
    [
      'of another tenant',
      'assertion_issuer',
      () => ({ iss: ours.trust.issuer.replace(ours.tenant, OTHER) }),
    ],
    [
      'of the v1 issuer',
      'assertion_issuer',
      () => ({ iss: `https://sts.windows.net/${ours.tenant}/` }),
    ],
    [
      'of the issuer in upper case',
      'assertion_issuer',
      () => ({ iss: ours.trust.issuer.toUpperCase() }),
    ],
    ['of no issuer', 'assertion_issuer', () => ({ iss: undefined })],
    ['of another subject', 'assertion_subject', () => ({ sub: OTHER })],
    ['of no subject', 'assertion_subject', () => ({ sub: undefined })],
    ['of a subject in a list', 'assertion_subject', () => ({ sub: [SUBJECT] })],
    ['of another tid', 'assertion_tenant', () => ({ tid: OTHER })],
    ['of no tid', 'assertion_tenant', () => ({ tid: undefined })],
    ['that has expired', 'assertion_time', () => ({ exp: soon(-62) })],
    ['that lasts too long', 'assertion_time', () => ({ exp: soon(24 * 3600 + 70) })],
    ['that lasts for ever', 'assertion_time', () => ({ exp: undefined })],
    ['whose end is a text', 'assertion_time', () => ({ exp: String(soon(60)) })],
    ['that is not valid yet', 'assertion_time', () => ({ nbf: soon(70) })],
    ['whose beginning is a text', 'assertion_time', () => ({ nbf: '0' })],
    ['of the future', 'assertion_time', () => ({ iat: soon(70), nbf: undefined })],
    ['that was never issued', 'assertion_time', () => ({ iat: undefined })],
  ])('%s: %s', async (_, hint, claims) => {
    expect(await verify(signed(claims()))).toBe(hint);
    expect(keys.requests).toEqual([]);
  });

  it.each<[string, (good: string) => string]>([
    ['alg none', () => keys.assertion(header({ alg: 'none' }), ours.claims(), 'none')],
    ['alg None', () => keys.assertion(header({ alg: 'None' }), ours.claims(), 'none')],
    ['no signature', () => keys.assertion(header(), ours.claims(), 'none')],
    [
      'the public key as a secret',
      () => keys.assertion(header({ alg: 'HS256' }), ours.claims(), 'hs256'),
    ],
    ['RS512', () => signed({}, { alg: 'RS512' })],
    ['no kid', () => signed({}, { kid: undefined })],
    ['an empty kid', () => signed({}, { kid: '' })],
    ['a kid that is no text', () => signed({}, { kid: [keys.trusted.kid] })],
    ['crit', () => signed({}, { crit: [] })],
    ['jku', () => signed({}, { jku: `${keys.url}/evil` })],
    ['x5u', () => signed({}, { x5u: `${keys.url}/evil` })],
    ['jwk', () => signed({}, { jwk: keys.other.jwk })],
    ['typ at+jwt', () => signed({}, { typ: 'at+jwt' })],
    ['typ dpop+jwt', () => signed({}, { typ: 'dpop+jwt' })],
    ['a typ that is null', () => signed({}, { typ: null })],
    ['a claim that pads it out', () => keys.assertion(header(), ours.claims(), 'trusted', 8_193)],
    ['a fourth part', (good) => `${good}.`],
    ['two parts', (good) => good.slice(0, good.lastIndexOf('.'))],
    ['padding', (good) => `${good}=`],
    ['white space', (good) => ` ${good}`],
    [
      'bytes that are no UTF-8',
      (good) => withClaims(good, (claims) => `{"x":"\xff",${claims.slice(1)}`),
    ],
    ['a payload that is a list', () => keys.assertion(header(), [])],
    ['nothing in it', () => '..'],
    ['a secret in its place', () => 'scim_not.a.jwt'],
  ])('with %s', async (_, spoil) => {
    expect(await verify(spoil(signed()))).toBe('assertion_malformed');
    expect(keys.requests).toEqual([]);
  });

  it('in a spelling of its signature that means the same bits', async () => {
    const good = signed();
    const last = good.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const same = good.slice(0, -1) + (alphabet[alphabet.indexOf(last) ^ 1] ?? '');
    expect(Buffer.from(same.split('.')[2] ?? '', 'base64url')).toEqual(
      Buffer.from(good.split('.')[2] ?? '', 'base64url'),
    );
    expect(await verify(same)).toBe('assertion_malformed');
  });
});

describe('What an assertion said is told to administrators', () => {
  const claimsOf = (assertion: string): Promise<unknown> =>
    verifier
      .verify(assertion, ours.token)
      .catch((error: unknown) => (error as AssertionRefusedError).claims);

  it('where its signature is good, by a key that is at hand', async () => {
    const wrong = {
      sub: OTHER,
      aud: [APP, 'x'],
      azp: undefined,
      appid: `a\0\u202e${'b'.repeat(600)}`,
    };
    expect(await claimsOf(signed(wrong))).toBeNull();
    expect(keys.requests).toEqual([]);
    expect(await verify(signed())).toBe('taken');
    expect(await claimsOf(signed(wrong))).toEqual({
      iss: ours.trust.issuer,
      sub: OTHER,
      aud: `["${APP}","x"]`,
      tid: ours.tenant,
      azp: `a\u{fffd}\u{fffd}${'b'.repeat(509)}`,
    });
    expect(await claimsOf(signed({ sub: 5, aud: { a: 1 } }))).toMatchObject({
      sub: null,
      aud: null,
    });
    expect(keys.requests).toHaveLength(1);
  });

  it('never where somebody else signed it', async () => {
    expect(await verify(signed())).toBe('taken');
    expect(
      await claimsOf(keys.assertion(header(), ours.claims({ sub: OTHER }), 'other')),
    ).toBeNull();
    expect(await claimsOf(keys.assertion(header(), ours.claims(), 'other'))).toBeNull();
    expect(await claimsOf(signed({ sub: OTHER }, { kid: 'unknown' }))).toBeNull();
  });
});
