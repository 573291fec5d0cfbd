import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  KNOWABLE_SECRETS,
  KNOWABLE_WEBHOOK_SECRETS,
  RANDOM_SECRETS,
} from '../../../test/support/knowable-secrets';
import { loadConfig } from './config';

const SECRET = 'k7Qp2vXr9tLm4wZs8yBn1cDf6gHj3eAu';
const PRODUCTION = {
  NODE_ENV: 'production',
  PUBLIC_URL: 'https://scim.example.com/',
  DATABASE_URL: 'postgres://user:hidden@db/scim',
  JWT_SECRET: SECRET,
};

describe('loadConfig', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'config-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const messageOf = (variables: Record<string, string>): string => {
    try {
      loadConfig({ DATA_DIR: folder, ...variables });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('needs nothing for development, and keeps the keys it makes', () => {
    const config = loadConfig({ DATA_DIR: folder });
    expect(config.http).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      publicUrl: 'http://127.0.0.1:3000',
    });
    expect(config.tokens).toMatchObject({
      publicUrl: 'http://127.0.0.1:3000',
      baseUrlTemplate: 'http://127.0.0.1:3000/api/v1/tenants/{tenant_id}/scim/v2',
      defaultTtlDays: 365,
      maxTtlDays: 730,
    });
    expect(config.jwtKeyIsDevelopment).toBe(true);
    const again = loadConfig({ DATA_DIR: folder });
    expect(again.jwt).toEqual(config.jwt);
    expect(again.tokens.pepper).toBe(config.tokens.pepper);
    expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, 'jwt-secret'), 'utf8').trim().length).toBeGreaterThanOrEqual(
      43,
    );
  });

  it('takes a full production configuration, and warns of a missing pepper and of no proxy that is believed', () => {
    const config = loadConfig({ ...PRODUCTION, DATA_DIR: folder });
    expect(config.http.publicUrl).toBe('https://scim.example.com');
    expect(config.tokens.pepper).toBeNull();
    expect(config.warnings).toEqual([
      expect.stringMatching(/^SCIM_TOKEN_PEPPER is not set/),
      expect.stringMatching(/^TRUST_PROXY is not set/),
    ]);
    const sound = { ...PRODUCTION, SCIM_TOKEN_PEPPER: SECRET, TRUST_PROXY: '1' };
    expect(loadConfig(sound).warnings).toEqual([]);
    const anywhere = { DATA_DIR: folder, PUBLIC_URL: 'HTTPS://scim.example.com' };
    expect(loadConfig(anywhere).warnings).toEqual([expect.stringContaining('TRUST_PROXY')]);
  });

  it.each([
    ['PORT', '0'],
    ['PORT', '70000'],
    ['PORT', '3000x'],
    ['NODE_ENV', 'staging'],
    ['PUBLIC_URL', 'ftp://x'],
    ['PUBLIC_URL', 'http://user:password@x'],
    ['PUBLIC_URL', 'http://x/?a'],
    ['DATABASE_URL', 'mysql://x/y'],
    ['DATABASE_LISTEN_URL', 'nonsense'],
    ['DATABASE_REPLICA_URL', 'nonsense'],
    ['DATABASE_POOL_MAX', '0'],
    ['DATABASE_SCHEMA', 'a-b'],
    ['DATABASE_SCHEMA', 'pg_temp'],
    ['MIGRATE_ON_START', 'maybe'],
    ['JWT_SECRET', 'too-short'],
    ['JWT_PUBLIC_KEY', 'no pem'],
    ['JWT_JWKS_URI', 'http://keys.example.com/jwks'],
    ['JWT_ALGORITHMS', 'RS256'],
    ['JWT_JWKS_MAX_STALE_HOURS', '0'],
    ['JWT_JWKS_MAX_STALE_HOURS', '169'],
    ['SCIM_BASE_URL_TEMPLATE', 'https://x/{tenant}'],
    ['SCIM_BASE_URL_TEMPLATE', 'https://x/{tenant_id}?a'],
    ['SCIM_TOKEN_PREFIX', '1x'],
    ['SCIM_TOKEN_PREFIX', 'x'],
    ['SCIM_TOKEN_PREFIX', 'a_b'],
    ['SCIM_TOKEN_DEFAULT_TTL_DAYS', '731'],
    ['SCIM_TOKEN_MAX_TTL_DAYS', '3651'],
    ['SCIM_TOKEN_MAX_ACTIVE_PER_TENANT', '0'],
    ['SCIM_TOKEN_BCRYPT_COST', '9'],
    ['SCIM_TOKEN_BCRYPT_COST', '15'],
    ['SCIM_TOKEN_PEPPER', 'too-short'],
    ['SCIM_TOKEN_CACHE_TTL_SECONDS', '-1'],
    ['SCIM_TOKEN_CACHE_MAX', 'many'],
    ['SCIM_TOKEN_USAGE_FLUSH_SECONDS', '0'],
    ['BODY_LIMIT', '64'],
    ['BODY_LIMIT', '1gb'],
    ['RATE_LIMIT_PER_MINUTE', '-5'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '10.0.0.1/8'],
    ['CORS_ORIGINS', '*'],
    ['CORS_ORIGINS', 'https://a.example.com/path'],
    ['DOCS_ENABLED', '1'],
    ['LOG_LEVEL', 'loud'],
    ['WEBHOOK_URL', 'https://hooks.example.com'],
    ['EXPIRY_NOTICE_DAYS', '7,x'],
    ['EXPIRY_SCAN_SECONDS', '0'],
    ['JWT_SECRET_FILE', '/does/not/exist'],
    ['TENANTS_FILE', '/does/not/exist'],
    ['TENANTS_FILE', __filename],
    ['SCIM_OAUTH_ENABLED', 'yes'],
    ['SCIM_OAUTH_ISSUERS_FILE', '/does/not/exist'],
    ['SCIM_OAUTH_ISSUERS_FILE', __filename],
    ['SCIM_OAUTH_ISSUERS_FILE', join(__dirname, '../../../package.json')],
    ['SETUP_ENABLED', 'yes'],
    ['SETUP_BRAND_COLOR', '#00ff00'],
    ['SETUP_LOGO_FILE', '/does/not/exist'],
    ['SETUP_LOGO_FILE', __filename],
    ['SETUP_SUPPORT_URL', 'http://help.example.com'],
    ['SETUP_FRAME_ANCESTORS', 'https://a.example.com, *'],
    ['SETUP_RETURN_ORIGINS', 'https://a.example.com/path'],
  ])('refuses %s=%s and says what it takes', (name, value) => {
    const message = messageOf({ [name]: value });
    expect(message).toMatch(new RegExp(`^Wrong configuration:\n  (${name}|WEBHOOK_SECRET) `));
    expect(message.split('\n')).toHaveLength(2);
  });

  it.each([
    'whsec_dG9vLXNob3J0',
    'not base64 and not a key either',
    'whsec_',
    ...KNOWABLE_WEBHOOK_SECRETS,
  ])('refuses the webhook key %s, and a receiver without one', (secret) => {
    const url = { WEBHOOK_URL: 'https://hooks.example.com/?a=b' };
    expect(messageOf({ ...url, WEBHOOK_SECRET: secret })).toMatch(
      /^Wrong configuration:\n {2}WEBHOOK_SECRET takes whsec_ [^\n]+$/,
    );
    expect(messageOf(url)).toMatch(/:\n {2}WEBHOOK_SECRET is needed too[^\n]+$/);
    const { tokens } = loadConfig({
      DATA_DIR: folder,
      ...url,
      WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    });
    expect(tokens.webhook?.url).toBe(url.WEBHOOK_URL);
  });

  it('tells everything that is wrong at once, and never what a variable held', () => {
    const message = messageOf({
      PORT: 'p0rt',
      JWT_SECRET: 's3cret',
      JWT_ALGORITHMS: 'RS256',
      BODY_LIMIT: 'l1mit',
      TENANTS_FILE: '/does/not/exist',
    });
    expect(message.split('\n')).toHaveLength(6);
    expect(message).not.toMatch(/p0rt|s3cret|l1mit/);
  });

  it.each([
    ['PUBLIC_URL', { PUBLIC_URL: '' }],
    ['PUBLIC_URL', { PUBLIC_URL: 'http://scim.example.com' }],
    ['DATABASE_URL', { DATABASE_URL: '' }],
    ['JWT_SECRET', { JWT_SECRET: '' }],
    ['JWT_SECRET', { JWT_SECRET: 'please-change-me-please-change-me-please' }],
    ['JWT_SECRET', { JWT_SECRET: 'a-string-secret-at-least-256-bits-long' }],
    ['SCIM_TOKEN_PEPPER', { SCIM_TOKEN_PEPPER: 'your-256-bit-secret-your-256-bit-secret' }],
    ['JWT_ISSUER', { JWT_SECRET: '', JWT_JWKS_URI: 'https://keys.example.com/jwks' }],
    ['JWT_SECRET', { JWT_JWKS_URI: 'https://keys.example.com/jwks' }],
    ['SCIM_BASE_URL_TEMPLATE', { SCIM_BASE_URL_TEMPLATE: 'http://x/{tenant_id}' }],
    ['SETUP_FRAME_ANCESTORS', { SETUP_FRAME_ANCESTORS: 'http://localhost:5173' }],
  ])('is strict about %s in production', (name, variables) => {
    expect(messageOf({ ...PRODUCTION, ...variables })).toContain(name);
  });

  describe.each([
    'JWT_SECRET',
    'SCIM_TOKEN_PEPPER',
    'SCIM_TOKEN_PEPPER_PREVIOUS',
    'SCIM_VERIFY_SECRET',
  ])('takes as %s, and in the file of its name,', (name) => {
    const beside: Record<string, string> =
      name === 'SCIM_VERIFY_SECRET' ? { SCIM_VERIFY_URI_HEADER: 'X-Original-URI' } : {};

    it.each(KNOWABLE_SECRETS)('no %s', (_, secret) => {
      const file = join(folder, 'secret');
      writeFileSync(file, `${secret}\n`);
      const inFile = messageOf({ ...beside, [`${name}_FILE`]: file });
      expect(inFile).toContain(`:\n  ${name}_FILE takes at least 32 bytes`);
      for (const NODE_ENV of ['development', 'test', 'production']) {
        const given = { ...PRODUCTION, NODE_ENV, ...beside, [name]: secret };
        const message = messageOf(given);
        expect(message).toContain(
          `:\n  ${name} takes at least 32 bytes with 8 different characters`,
        );
        expect(message.split('\n')).toHaveLength(2);
        expect(message).not.toContain(secret.trim().slice(0, 12));
      }
    });

    it('what openssl makes, in base64 and in hexadecimal digits', () => {
      for (const secret of RANDOM_SECRETS) {
        expect(messageOf({ ...PRODUCTION, ...beside, [name]: secret })).toBe('');
      }
    });

    it('the example of the documentation outside production alone', () => {
      const example = { ...beside, [name]: 'a-secret-of-thirty-two-bytes-or-more' };
      expect(messageOf(example)).toBe('');
      expect(messageOf({ ...PRODUCTION, ...example })).toContain(
        `:\n  ${name} is the example of the documentation`,
      );
    });
  });

  it('reads secrets from files, without the line end', () => {
    const file = join(folder, 'secret');
    writeFileSync(file, `${SECRET}\n`);
    expect(loadConfig({ DATA_DIR: folder, JWT_SECRET_FILE: file }).jwt.key).toEqual({
      secret: SECRET,
    });
    expect(messageOf({ JWT_SECRET_FILE: file, JWT_SECRET: SECRET })).toContain(
      'JWT_SECRET cannot be set together with JWT_SECRET_FILE',
    );
  });

  it('reads who may sign assertions from a file, and names the entry and the member that is wrong', () => {
    const file = join(folder, 'issuers.json');
    const entry = {
      issuer: 'https://login.example.com/{tenant_id}',
      jwks_uri: 'https://login.example.com/{tenant_id}/keys',
    };
    const given = { DATA_DIR: folder, SCIM_OAUTH_ISSUERS_FILE: file };
    writeFileSync(file, JSON.stringify({ issuers: [entry] }));
    expect(loadConfig(given).tokens.oauth).toEqual({ issuers: [entry] });
    expect(loadConfig({ ...given, SCIM_OAUTH_ENABLED: 'false' }).tokens.oauth).toBe(false);
    writeFileSync(file, JSON.stringify({ issuers: [entry, { ...entry, jwks_uri: 'ftp://x' }] }));
    expect(messageOf({ SCIM_OAUTH_ISSUERS_FILE: file })).toContain(
      `:\n  SCIM_OAUTH_ISSUERS_FILE names ${file}: issuers[1].jwks_uri takes an https URL`,
    );
  });

  it('has a setup page unless told otherwise, with a brand of its own', () => {
    const { publicUrl, setup } = loadConfig({ DATA_DIR: folder }).tokens;
    expect(setup).toEqual({
      publicUrl,
      brand: { name: null, color: null, logoFile: null, supportUrl: null },
      frameAncestors: [],
      returnOrigins: [],
    });
    expect(loadConfig({ DATA_DIR: folder, SETUP_ENABLED: 'false' }).tokens.setup).toBeNull();
    const logo = join(folder, 'logo');
    writeFileSync(logo, '<svg xmlns="http://www.w3.org/2000/svg"/>');
    const given = {
      SETUP_BRAND_NAME: 'Example & Söhne',
      SETUP_BRAND_COLOR: '#1A4FD6',
      SETUP_LOGO_FILE: logo,
      SETUP_SUPPORT_URL: 'https://example.com/help?from=setup',
      SETUP_FRAME_ANCESTORS: 'https://a.example.com, http://localhost:5173',
      SETUP_RETURN_ORIGINS: 'https://a.example.com',
    };
    expect(loadConfig({ DATA_DIR: folder, ...given }).tokens.setup).toEqual({
      publicUrl,
      brand: {
        name: 'Example & Söhne',
        color: '#1A4FD6',
        logoFile: logo,
        supportUrl: 'https://example.com/help?from=setup',
      },
      frameAncestors: ['https://a.example.com', 'http://localhost:5173'],
      returnOrigins: ['https://a.example.com'],
    });
  });

  it('reads lists, sizes and proxies', () => {
    const { http } = loadConfig({
      DATA_DIR: folder,
      BODY_LIMIT: '1MB',
      TRUST_PROXY: '10.0.0.0/8, ::1',
      CORS_ORIGINS: 'https://a.example.com, http://localhost:5173',
    });
    expect(http).toMatchObject({
      bodyLimitBytes: 1024 * 1024,
      trustProxy: ['10.0.0.0/8', '::1/128'],
      corsOrigins: ['https://a.example.com', 'http://localhost:5173'],
    });
    expect(loadConfig({ DATA_DIR: folder, TRUST_PROXY: '2' }).http.trustProxy).toBe(2);
  });
});
