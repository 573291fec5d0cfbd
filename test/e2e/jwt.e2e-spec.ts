import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sign, type Algorithm, type JwtHeader } from 'jsonwebtoken';
import request from 'supertest';
import { HOUR } from '../support/moving-clock';
import { JWT_SECRET, startTestApp, TOKENS, type TestApp } from '../support/test-app';
import { until } from '../support/until';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' });

const claims = { sub: 'admin', role: 'super_admin', iss: 'https://idp.example.com', aud: 'scim' };
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;
const jwt = (
  key: KeyObject,
  algorithm: Algorithm,
  header: Partial<JwtHeader> = {},
  extra = {},
): string =>
  sign({ ...claims, ...extra }, key, {
    algorithm,
    expiresIn: 60,
    header: { alg: algorithm, ...header },
  });

describe('Admin JWTs by a public key', () => {
  it.each([
    ['RSA', rsa, ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512']],
    ['P-256', p256, ['ES256']],
    ['P-384', p384, ['ES384']],
  ] as const)(
    'are verified with the algorithms of an %s key alone',
    async (_, pair, algorithms) => {
      const app = await startTestApp({
        env: { JWT_SECRET: '', JWT_PUBLIC_KEY: pem(pair.publicKey) },
      });
      for (const algorithm of algorithms) {
        expect((await app.as(jwt(pair.privateKey, algorithm)).get(TOKENS)).status).toBe(200);
      }
      const forged = [
        // The public key as an HMAC secret: the classic confusion of families.
        forgeHmac(pem(pair.publicKey)),
        forgeHmac(JWT_SECRET),
        forgeNone(),
        jwt(other.privateKey, 'RS256'),
      ];
      for (const token of forged) {
        const { status, body } = await app.as(token).get(TOKENS);
        expect([status, body]).toEqual([401, { detail: 'Invalid or expired token' }]);
      }
      await app.close();
    },
  );

  it('are held against algorithm, issuer and audience where these are set', async () => {
    const app = await startTestApp({
      env: {
        JWT_SECRET: '',
        JWT_PUBLIC_KEY: pem(rsa.publicKey),
        JWT_ALGORITHMS: 'RS256',
        JWT_ISSUER: claims.iss,
        JWT_AUDIENCE: claims.aud,
      },
    });
    const status = async (token: string): Promise<number> =>
      (await app.as(token).get(TOKENS)).status;
    expect(await status(jwt(rsa.privateKey, 'RS256'))).toBe(200);
    expect(await status(jwt(rsa.privateKey, 'RS256', {}, { aud: ['x', 'scim'] }))).toBe(200);
    expect(await status(jwt(rsa.privateKey, 'PS256'))).toBe(401);
    expect(
      await status(jwt(rsa.privateKey, 'RS256', {}, { iss: 'https://evil.example.com' })),
    ).toBe(401);
    expect(await status(jwt(rsa.privateKey, 'RS256', {}, { aud: 'other' }))).toBe(401);
    await app.close();
  });
});

describe('Admin JWTs by a JWK set', () => {
  let server: Server;
  let keys: object[];
  let reads: number;
  let broken: boolean;
  let app: TestApp;

  const jwk = (key: KeyObject, kid: string, extra = {}): object => ({
    ...createPublicKey(pem(key)).export({ format: 'jwk' }),
    kid,
    use: 'sig',
    ...extra,
  });

  beforeEach(async () => {
    reads = 0;
    broken = false;
    keys = [jwk(rsa.publicKey, 'one'), jwk(p256.publicKey, 'two', { alg: 'ES256' })];
    server = createServer((_, response) => {
      reads += 1;
      if (broken) response.writeHead(500).end();
      else response.end(JSON.stringify({ keys }));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    app = await startTestApp({
      env: { JWT_SECRET: '', JWT_JWKS_URI: `http://127.0.0.1:${port}/jwks` },
    });
  });
  afterEach(async () => {
    await app.close();
    server.close();
  });

  const status = async (token: string): Promise<number> => (await app.as(token).get(TOKENS)).status;

  it('are verified by the key they name, which is read once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        status(
          index % 2
            ? jwt(rsa.privateKey, 'PS256', { kid: 'one' })
            : jwt(p256.privateKey, 'ES256', { kid: 'two' }),
        ),
      ),
    );
    expect(new Set(answers)).toEqual(new Set([200]));
    expect(reads).toBe(1);
  });

  it('cannot bring a key or a family of their own', async () => {
    const evil = jwk(other.publicKey, 'one');
    for (const token of [
      jwt(other.privateKey, 'RS256', { kid: 'one', jwk: evil } as object),
      jwt(other.privateKey, 'RS256', { kid: 'one', jku: 'http://127.0.0.1:1/' }),
      jwt(rsa.privateKey, 'RS256', { kid: 'two' }),
      jwt(rsa.privateKey, 'RS256'),
      forgeHmac(pem(rsa.publicKey), { kid: 'one' }),
      forgeNone({ kid: 'one' }),
    ]) {
      expect(await status(token)).toBe(401);
    }
  });

  it('make us ask for an unknown key once, however many come', async () => {
    expect(await status(jwt(rsa.privateKey, 'RS256', { kid: 'one' }))).toBe(200);
    for (let i = 0; i < 10; i++) {
      expect(await status(jwt(other.privateKey, 'RS256', { kid: `unknown-${i}` }))).toBe(401);
    }
    expect(reads).toBe(2);
  });

  it('are verified by a key that came with a rotation', async () => {
    expect(await status(jwt(rsa.privateKey, 'RS256', { kid: 'one' }))).toBe(200);
    keys.push(jwk(other.publicKey, 'three'));
    expect(await status(jwt(other.privateKey, 'RS256', { kid: 'three' }))).toBe(200);
  });

  it('are verified through an outage by keys we had, and are a 503 while none was ever had', async () => {
    broken = true;
    const token = jwt(rsa.privateKey, 'RS256', { kid: 'one' });
    const refused = await app.as(token).get(TOKENS);
    expect([refused.status, refused.body]).toEqual([
      503,
      { detail: 'Service temporarily unavailable' },
    ]);
    expect(refused.headers['retry-after']).toBe('1');
    broken = false;
    expect(await status(token)).toBe(200);
    broken = true;
    expect(await status(token)).toBe(200);
    expect(await status(jwt(rsa.privateKey, 'RS256', { kid: 'unknown' }))).toBe(401);
  });

  it('are a 503 once the set could not be read for a day, which shows from the first failure on', async () => {
    const system = performance.now.bind(performance);
    let skew = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => system() + skew);
    const hoursLater = (hours: number) => (skew += hours * HOUR);
    const stale = async (): Promise<number> => {
      const { text } = await request(app.url).get('/metrics');
      return Number(/^scim_token_jwks_stale_seconds (\S+)$/m.exec(text)?.[1]);
    };
    const warnings = () => app.logs().match(/JWK set cannot be read/g)?.length ?? 0;
    try {
      const withdrawn = jwt(rsa.privateKey, 'RS256', { kid: 'one' });
      expect(await status(withdrawn)).toBe(200);
      keys = [jwk(other.publicKey, 'three')];
      broken = true;
      expect([await stale(), warnings()]).toEqual([0, 0]);
      hoursLater(1);
      expect(await status(withdrawn)).toBe(200);
      expect(Math.floor((await stale()) / 3600)).toBe(1);
      expect(app.logs()).toContain('JWK set cannot be read (The JWKS URL answered 500)');
      hoursLater(22.9);
      expect(await status(withdrawn)).toBe(200);
      expect(warnings()).toBe(1);
      hoursLater(0.1);
      expect(await status(withdrawn)).toBe(503);
      expect(await status(jwt(other.privateKey, 'RS256', { kid: 'three' }))).toBe(503);
      expect(Math.floor((await stale()) / 3600)).toBe(24);
      expect(app.logs()).toContain('could not be read for 24 hours');
      // Nobody asks but for the metrics, by which its return is seen.
      broken = false;
      hoursLater(0.01);
      await until(async () => (await stale()) === 0);
      expect(await status(withdrawn)).toBe(401);
      expect(await status(jwt(other.privateKey, 'RS256', { kid: 'three' }))).toBe(200);
    } finally {
      clock.mockRestore();
    }
  });
});

/** An HS256 JWT whose secret is whatever an attacker may know. */
function forgeHmac(secret: string, header: Partial<JwtHeader> = {}): string {
  return sign(claims, secret, {
    algorithm: 'HS256',
    expiresIn: 60,
    header: { alg: 'HS256', ...header },
  });
}

function forgeNone(header: Partial<JwtHeader> = {}): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 60;
  return `${part({ alg: 'none', typ: 'JWT', ...header })}.${part({ ...claims, exp })}.`;
}
