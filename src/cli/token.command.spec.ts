import { generateKeyPairSync } from 'node:crypto';
import { verify, type JwtPayload } from 'jsonwebtoken';
import { runHere } from '../../test/support/command';

const JWT_SECRET = 'jwt-secret-of-thirty-two-bytes-or-more';
const env = {
  NODE_ENV: 'test',
  JWT_SECRET,
  SCIM_TOKEN_PEPPER: 'pepper-of-thirty-two-bytes-or-more',
};

const claims = async (args: string[], variables: Record<string, string> = {}) => {
  const { stdout } = await runHere(['token', ...args], { ...env, ...variables });
  return verify(stdout.trim(), JWT_SECRET, { algorithms: ['HS256'] }) as JwtPayload & {
    iat: number;
    exp: number;
  };
};

describe('The command token', () => {
  it('signs for whom the options say', async () => {
    const partner = ['--role', 'partner_admin', '--partner', 'prt_1', '--sub', 'ops@example.com'];
    expect(await claims(partner)).toMatchObject({
      role: 'partner_admin',
      partner_id: 'prt_1',
      sub: 'ops@example.com',
    });
    const tenant = ['--role', 'tenant_admin', '--tenant', 'tnt_a', '--scope', 'scim:introspect'];
    expect(await claims(tenant)).toMatchObject({
      role: 'tenant_admin',
      tenant_id: 'tnt_a',
      scope: 'scim:introspect',
    });
  });

  it('makes no claim of what it was not told, but a subject', async () => {
    const { iat, exp, ...rest } = await claims([]);
    expect([exp - iat, rest]).toEqual([3600, { sub: 'dev@example.com' }]);
  });

  it.each([
    ['30s', 30],
    ['15m', 900],
    ['1h', 3600],
    ['7d', 604_800],
  ])('signs for %s', async (ttl, seconds) => {
    const { iat, exp } = await claims(['--ttl', ttl]);
    expect(exp - iat).toBe(seconds);
  });

  it('names the issuer and the audience that the service asks for', async () => {
    const asked = { JWT_ISSUER: 'https://issuer.example.com', JWT_AUDIENCE: 'scim-tokens' };
    expect(await claims([], asked)).toMatchObject({
      iss: 'https://issuer.example.com',
      aud: 'scim-tokens',
    });
  });

  it('says who signs where the service only has a public key', async () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const JWT_PUBLIC_KEY = publicKey.export({ type: 'spki', format: 'pem' });
    const variables = { ...env, JWT_SECRET: '', JWT_PUBLIC_KEY: String(JWT_PUBLIC_KEY) };
    expect(await runHere(['token'], variables)).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('whoever has the private one signs them'),
    });
  });
});
