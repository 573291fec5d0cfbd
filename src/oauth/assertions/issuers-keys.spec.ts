import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  IssuerKeys,
  signJwt,
  signingKey,
  type KeysAnswer,
  type SigningKey,
} from '../../../test/support/issuer-keys';
import { outcome, Trusting, verifierOf } from '../../../test/support/trusting';
import { ServiceUnavailableError } from '../../core/errors';
import type { AssertionVerifier } from './assertion-verifier';

const HOUR = 3_600_000;

let keys: IssuerKeys;
let verifier: AssertionVerifier;
let ours: Trusting;
let skew: number;

beforeAll(async () => {
  keys = await IssuerKeys.start();
  const system = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => system() + skew);
});
afterAll(async () => {
  jest.restoreAllMocks();
  await keys.stop();
});
beforeEach(() => {
  skew = 0;
  verifier = verifierOf(keys);
  ours = new Trusting();
  keys.requests.length = 0;
});

const signedBy = (key: SigningKey, alg = 'RS256', kid = key.kid): string =>
  signJwt({ typ: 'JWT', alg, kid }, ours.claims(), key);
const verify = (key: SigningKey, alg?: string, kid?: string): Promise<string | number> =>
  outcome(verifier.verify(signedBy(key, alg, kid), ours.token));
const reads = (): number => keys.requests.length;

describe('An issuer’s keys', () => {
  it('are read once, however many assertions come at once, of whichever tenants', async () => {
    const other = { ...ours.token, tenant_id: 'tnt_b' };
    const text = signedBy(keys.trusted);
    const verifications = Array.from({ length: 40 }, (_, index) =>
      outcome(verifier.verify(text, index % 2 ? other : ours.token)),
    );
    expect(new Set(await Promise.all(verifications))).toEqual(new Set(['taken']));
    expect(reads()).toBe(1);
  });

  it('are read again for a key that came with a rotation', async () => {
    await keys.arrange(ours.tenant, 'rotated', (key) => verify(key));
    expect([await verify(keys.trusted), reads()]).toEqual(['taken', 2]);
    expect(await verify(keys.former)).toBe('assertion_key');
  });

  it('are asked for once in half a minute by a flood of key ids that there are not', async () => {
    expect(await verify(keys.trusted)).toBe('taken');
    for (let i = 0; i < 20; i++) {
      expect(await verify(keys.other, 'RS256', `unknown-${i}`)).toBe('assertion_key');
    }
    expect(reads()).toBe(2);
    keys.publish(ours.tenant, [keys.trusted, keys.other]);
    skew = 31_000;
    expect(await verify(signingKey('ec'), 'ES256')).toBe('assertion_key');
    // The flood's read served whoever is honest.
    expect([await verify(keys.other), reads()]).toEqual(['taken', 3]);
  });

  it('die once they were taken out of the set, a day after it was read', async () => {
    expect(await verify(keys.trusted)).toBe('taken');
    keys.publish(ours.tenant, [keys.other]);
    skew = 23.9 * HOUR;
    expect(await verify(keys.trusted)).toBe('taken');
    skew = 24 * HOUR;
    expect([await verify(keys.trusted), reads()]).toEqual(['assertion_key', 2]);
  });

  it('are taken through an outage of two days; then, and where they were never had, it is a 503', async () => {
    await keys.arrange(ours.tenant, 'cached_then_down', (key) => verify(key));
    expect(await verify(keys.trusted)).toBe('taken');
    skew = 47.9 * HOUR;
    expect(await verify(keys.trusted)).toBe('taken');
    skew = 48.1 * HOUR;
    expect(await verify(keys.trusted)).toBe(503);
    keys.answer(ours.tenant, 'keys');
    expect(await verify(keys.trusted)).toBe('taken');
    ours = new Trusting();
    await keys.arrange(ours.tenant, 'never_seen_down', verify);
    expect(await verify(keys.trusted)).toBe(503);
    keys.answer(ours.tenant, 'keys');
    expect(await verify(keys.trusted)).toBe('taken');
  });

  it('make an unknown key a 503 while the set cannot be read, with when to come again', async () => {
    await keys.arrange(ours.tenant, 'down_new_kid', (key) => verify(key));
    const error = await verifier.verify(signedBy(keys.trusted), ours.token).catch(String);
    expect(error).toContain(new ServiceUnavailableError().message);
    const asked = reads();
    const again: unknown = await verifier
      .verify(signedBy(keys.trusted), ours.token)
      .catch((thrown: unknown) => thrown);
    expect((again as ServiceUnavailableError).headers['Retry-After']).toMatch(/^(29|30)$/);
    expect([await verify(keys.former), reads()]).toEqual(['taken', asked]);
    keys.answer(ours.tenant, 'keys');
    skew = 31_000;
    expect(await verify(keys.trusted)).toBe('taken');
  });

  it('are the issuer’s own: one that names another issuer is passed over', async () => {
    const named = (issuer: unknown): object => ({ ...keys.trusted.jwk, issuer });
    const { issuer } = ours.trust;
    for (const right of [issuer, 'https://login.microsoftonline.com/{tenantid}/v2.0']) {
      verifier = verifierOf(keys);
      keys.publish(ours.tenant, [named(right)]);
      expect([right, await verify(keys.trusted)]).toEqual([right, 'taken']);
    }
    const personal = issuer.replace(ours.tenant, '9188040d-6c67-4c5b-b112-36a304b66dad');
    for (const wrong of [personal, 'https://sts.windows.net/{tenantid}/', '', null, 5]) {
      verifier = verifierOf(keys);
      keys.publish(ours.tenant, [named(wrong)]);
      expect([wrong, await verify(keys.trusted)]).toEqual([wrong, 'assertion_key']);
    }
  });

  it('are taken by what they are, and the rest of the set does not spoil them', async () => {
    const small = signingKey('rsa', 1024);
    const modulus = Buffer.alloc(514, 0xff).toString('base64url');
    const strange = [
      null,
      'text',
      { kty: 'oct', k: 'c2VjcmV0', kid: keys.trusted.kid },
      { kty: 'RSA', n: 'AQAB', kid: keys.trusted.kid },
      { kty: 'RSA', n: '!', e: '!', kid: 'x' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'y' },
      { ...keys.former.privateKey.export({ format: 'jwk' }), kid: keys.former.kid },
      { ...keys.other.jwk, use: 'enc' },
      { ...keys.other.jwk, key_ops: ['encrypt'] },
      { ...keys.other.jwk, alg: 'RS512' },
      small.jwk,
      { kty: 'RSA', e: 'AQAB', n: modulus, kid: 'large' },
    ];
    keys.answer(ours.tenant, { body: JSON.stringify({ keys: [...strange, keys.trusted.jwk] }) });
    expect(await verify(keys.trusted)).toBe('taken');
    for (const key of [small, keys.former, keys.other]) {
      expect(await verify(key)).toBe('assertion_key');
    }
    expect(await verify(keys.other, 'RS256', 'large')).toBe('assertion_key');
    expect(await verify(keys.trusted, 'ES256')).toBe('assertion_key');
    expect(await verify(keys.other, 'RS256', keys.trusted.kid)).toBe('assertion_signature');
    expect(reads()).toBe(2);
  });

  it('are looked at up to a hundred', async () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      ...keys.other.jwk,
      kid: `${index}`,
    }));
    keys.publish(ours.tenant, [...many, keys.trusted]);
    expect(await verify(keys.trusted)).toBe('assertion_key');
    expect(await verify(keys.other, 'RS256', '99')).toBe('taken');
  });
});

describe('A host of keys is a 503, and nothing is taken from it, where it', () => {
  it('sends us elsewhere: nobody is asked there', async () => {
    let asked = 0;
    const elsewhere = createServer((_, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys: [keys.other.jwk] }));
    }).listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    const location = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/keys`;
    for (const status of [301, 302, 303, 307, 308]) {
      verifier = verifierOf(keys);
      keys.answer(ours.tenant, { status, headers: { location } });
      expect([status, await verify(keys.other)]).toEqual([status, 503]);
    }
    expect(asked).toBe(0);
    elsewhere.close();
  });

  it.each<[string, KeysAnswer]>([
    ['sends nothing', { body: '' }],
    ['sends a page', { body: '<html>', headers: { 'content-type': 'text/html' } }],
    ['sends another object', { body: '{"issuer":"x"}' }],
    ['sends a list', { body: '[]' }],
    ['sends null', { body: 'null' }],
    ['sends keys that are no list', { body: '{"keys":{}}' }],
    ['sends half of it', { body: '{"keys":[', headers: { 'content-length': '9' } }],
    ['sends bytes', { body: Buffer.from([0xff, 0xfe, 0, 1]) }],
    ['sends what is not compressed', { body: '{}', headers: { 'content-encoding': 'gzip' } }],
    ['sends too much', { body: `{"keys":[]${' '.repeat(256 * 1024)}}` }],
    ['fails', { status: 500, body: '{"keys":[]}' }],
    ['has no such page', { status: 404, body: '{"keys":[]}' }],
    ['breaks off', 'down'],
  ])('%s', async (_, answer) => {
    keys.answer(ours.tenant, answer);
    expect(await verify(keys.trusted)).toBe(503);
    // Whoever has other keys does not notice.
    ours = new Trusting();
    expect(await verify(keys.trusted)).toBe('taken');
  });
});
