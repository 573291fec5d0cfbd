import { ForbiddenException, Logger, ServiceUnavailableException } from '@nestjs/common';
import { JsonWebTokenError, sign } from 'jsonwebtoken';
import { ScimTokensModule, type AdminClaims, type ScimTokensModuleOptions } from '../../src';
import { HOST_SECRET } from './support/host.module';
import { startHost, type Host } from './support/start-host';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const JWT = { key: { secret: HOST_SECRET } };

/** JWTs as hosts sign them for themselves: none has our `sub`. */
const hostToken = (claims: object, options = {}): string =>
  sign(claims, HOST_SECRET, { expiresIn: '1h', ...options });

describe("A host's own administrators", () => {
  let host: Host | null = null;
  let lines: string[] = [];

  beforeEach(() => {
    lines = [];
  });
  afterEach(async () => {
    await host?.close();
    host = null;
    Logger.overrideLogger(false);
  });

  const start = async (options: Partial<ScimTokensModuleOptions>): Promise<Host> => {
    host = await startHost('express', [
      ScimTokensModule.forRoot({
        baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
        runMigrations: true,
        dataSource: 'host',
        ...options,
      }),
    ]);
    const keep = (...parts: unknown[]): void => void lines.push(parts.map(String).join(' '));
    Logger.overrideLogger({ log: keep, warn: keep, error: keep });
    return host;
  };

  it('learn from the log, once for each reason, why a JWT is refused', async () => {
    const issuer = 'https://login.example.com';
    const mine = (claims: object, options = {}) => hostToken(claims, { issuer, ...options });
    const refused: readonly (readonly [reason: string, jwt: string])[] = [
      ['the claim sub is missing', mine({ id: 7, role: { id: 1 } })],
      ['the claim sub is missing', mine({ sub: 7 })],
      ['the claim exp is missing', sign({ sub: 'a', iss: issuer }, HOST_SECRET)],
      ['jwt expired', mine({ sub: 'a' }, { expiresIn: -60 })],
      ['jwt issuer invalid', hostToken({ sub: 'a' }, { issuer: 'https://evil.example' })],
      ['invalid signature', sign({ sub: 'a' }, 'x'.repeat(40), { expiresIn: 60 })],
      ['its algorithm is not accepted', mine({ sub: 'a' }, { algorithm: 'HS512' })],
      ['it is no JWT', 'nonsense-nonsense'],
    ];
    const { call } = await start({ jwt: { ...JWT, issuer } });
    for (const [reason, jwt] of [...refused, ...refused]) {
      const answer = await call('GET', TOKENS, { jwt });
      expect([reason, answer.status, answer.body]).toEqual([
        reason,
        401,
        '{"detail":"Invalid or expired token"}',
      ]);
      expect(lines.join('\n')).not.toContain(jwt.split('.').at(-1));
    }
    const told = lines.filter((line) => line.includes('An admin JWT was refused'));
    const reasons = [...new Set(refused.map(([reason]) => reason))];
    expect(told).toHaveLength(reasons.length);
    for (const [index, reason] of reasons.entries()) expect(told[index]).toContain(reason);
  });

  it('are known by other claims, where jwt.claims maps them', async () => {
    const claims = ({ id, role, org }: Readonly<Record<string, unknown>>): AdminClaims | null =>
      id === 0
        ? null
        : {
            sub: String(id),
            role: (role as { id: number }).id === 1 ? 'super_admin' : 'tenant_admin',
            tenant_id: org,
          };
    const { call } = await start({ jwt: { ...JWT, claims } });
    const as = (payload: object) =>
      call('POST', TOKENS, { jwt: hostToken(payload), body: { name: 'Okta', tenant_id: 'tnt_h' } });
    const made = await as({ id: 7, role: { id: 1 } });
    expect([made.status, JSON.parse(made.body)]).toMatchObject([201, { created_by: '7' }]);
    expect((await as({ id: 8, role: { id: 2 }, org: 'tnt_h' })).status).toBe(201);
    expect((await as({ id: 8, role: { id: 2 }, org: 'tnt_other' })).status).toBe(403);
    expect((await as({ id: 0 })).status).toBe(401);
    // The mapping fails on a JWT without a role: refused, and the log says where.
    const thrown = await as({ id: 9 });
    expect([thrown.status, thrown.body]).toEqual([401, '{"detail":"Invalid or expired token"}']);
    expect(lines.join('\n')).toContain('jwt.claims threw was answered with 401');
  });

  it('are a line of warning each minute where authenticate throws the error of a JWT library', async () => {
    const { call } = await start({
      adminAuthentication: {
        authenticate: () => Promise.reject(new JsonWebTokenError('jwt malformed')),
      },
    });
    for (let time = 0; time < 3; time++) {
      const answer = await call('GET', TOKENS);
      expect([answer.status, answer.body]).toEqual([401, '{"detail":"Invalid or expired token"}']);
    }
    const told = lines.filter((line) => line.includes('ScimTokensAuthentication'));
    expect(told).toEqual([expect.stringContaining('An admin JWT was refused: jwt malformed.')]);
  });

  it.each([
    ['a TypeError', (): Error => new TypeError('cannot read id of undefined')],
    ['a 403 of its own', (): Error => new ForbiddenException()],
  ])(
    'are answered with 401 where authenticate throws %s, and logged once',
    async (_, makeError) => {
      const authenticate = (request: object): never => {
        const error = makeError();
        const { headers } = request as { headers: { authorization: string } };
        error.stack += ` for ${headers.authorization}`;
        throw error;
      };
      const { call } = await start({ adminAuthentication: { authenticate } });
      const jwt = hostToken({ id: 1 });
      for (let time = 0; time < 3; time++) {
        const answer = await call('GET', TOKENS, { jwt });
        expect([answer.status, answer.body]).toEqual([
          401,
          '{"detail":"Invalid or expired token"}',
        ]);
      }
      expect(
        lines.filter((line) => line.includes('authenticate or jwt.claims threw')),
      ).toHaveLength(1);
      expect(lines.join('\n')).not.toContain(jwt);
    },
  );

  it.each([
    ['its user store is away', new ServiceUnavailableException()],
    ['its database is away', Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })],
  ])('are asked to come again where %s', async (_, error) => {
    const { call } = await start({
      adminAuthentication: { authenticate: () => Promise.reject(error) },
    });
    expect((await call('GET', TOKENS)).status).toBe(503);
  });
});
