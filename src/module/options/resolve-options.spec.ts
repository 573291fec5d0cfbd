import {
  KNOWABLE_SECRETS,
  KNOWABLE_WEBHOOK_SECRETS,
  RANDOM_SECRETS,
} from '../../../test/support/knowable-secrets';
import {
  CONTROLLER_GROUPS,
  DEFAULT_EXTRAS,
  type ScimTokensModuleOptions,
} from '../../core/scim-tokens.options';
import { resolveExtras, resolveOptions } from './resolve-options';

const JWT = { key: { secret: 'unit-secret-of-thirty-two-bytes-or-more' } };
const OPTIONS: ScimTokensModuleOptions = {
  baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
  jwt: JWT,
};

describe('A wrong option is named with what it takes:', () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ['a number out of its range', { maxTtlDays: 0 }, /maxTtlDays takes an integer from 1 to 3650/],
    [
      'a number that is a string',
      { bcryptCost: '10' },
      /bcryptCost takes an integer from 10 to 14/,
    ],
    [
      'a default above the maximum',
      { defaultTtlDays: 31, maxTtlDays: 30 },
      /defaultTtlDays takes at most maxTtlDays/,
    ],
    ['a prefix of another form', { prefix: 'My_' }, /prefix takes 2 to 16 of a-z and 0-9/],
    ['a short pepper', { pepper: 'short' }, /pepper takes a string of at least 32 bytes/],
    [
      'the same pepper twice',
      { pepper: RANDOM_SECRETS[0], pepperPrevious: RANDOM_SECRETS[0] },
      /pepperPrevious takes another pepper/,
    ],
    ['no base URL', { baseUrlTemplate: undefined }, /baseUrlTemplate is required/],
    [
      'a base URL with a query',
      { baseUrlTemplate: 'https://a.example/?t={tenant_id}' },
      /baseUrlTemplate takes/,
    ],
    [
      'a public URL with a slash at its end',
      { publicUrl: 'https://a.example/' },
      /publicUrl takes/,
    ],
    ['a public URL with a query', { publicUrl: 'https://a.example?x=1' }, /publicUrl takes/],
    [
      'a public URL for each tenant',
      { publicUrl: 'https://{tenant_id}.example' },
      /publicUrl takes/,
    ],
    ['no way to authenticate', { jwt: undefined }, /jwt is required/],
    [
      'a secret that is not set',
      { jwt: { key: { secret: undefined } } },
      /jwt\.key\.secret takes a string/,
    ],
    [
      'a short secret',
      { jwt: { key: { secret: 'short' } } },
      /jwt\.key\.secret takes at least 32 bytes/,
    ],
    [
      'a misspelt issuer',
      { jwt: { ...JWT, isuer: 'https://login.example.com' } },
      /jwt\.isuer is no option/,
    ],
    [
      'algorithms that are no list',
      { jwt: { ...JWT, algorithms: 'HS256' } },
      /jwt\.algorithms takes a list of strings/,
    ],
    [
      'an audience that is no text',
      { jwt: { ...JWT, audience: 5 } },
      /jwt\.audience takes a string/,
    ],
    [
      'a second thing in the key',
      { jwt: { key: { ...JWT.key, kid: '1' } } },
      /jwt\.key\.kid is no option/,
    ],
    [
      'keys that are taken for ever',
      { jwt: { ...JWT, jwksMaxStaleHours: Infinity } },
      /jwt\.jwksMaxStaleHours takes an integer from 1 to 168/,
    ],
    [
      'two ways to authenticate',
      { adminAuthentication: { authenticate: () => null } },
      /jwt cannot be given together/,
    ],
    [
      'a directory without its methods',
      { tenantDirectory: {} },
      /tenantDirectory takes an object with find and tenantIdsOfPartner/,
    ],
    ['a misspelt option of OAuth', { oauth: { issuer: [] } }, /oauth takes \{issuers\} or false/],
    ['OAuth that is on by a word', { oauth: true }, /oauth takes \{issuers\} or false/],
    [
      'an issuer whose keys come over http',
      { oauth: { issuers: [{ issuer: 'https://a.example', jwks_uri: 'http://a.example/keys' }] } },
      /oauth: issuers\[0\]\.jwks_uri takes an https URL/,
    ],
    ['a setup page that is no object', { setup: true }, /setup takes {publicUrl, brand/],
    ['a misspelt option of it', { setup: { brands: {} } }, /setup\.brands is no option/],
    [
      'a misspelt part of its brand',
      { setup: { brand: { logo: 'x' } } },
      /brand\.logo is no option/,
    ],
    [
      'a brand of no name',
      { setup: { brand: { name: ' ' } } },
      /setup\.brand\.name takes a name of 1/,
    ],
    [
      'a colour by its name',
      { setup: { brand: { color: 'navy' } } },
      /setup\.brand\.color takes a colour/,
    ],
    [
      'a colour on which white text cannot be read, if only just',
      { setup: { brand: { color: '#777777' } } },
      /setup\.brand\.color takes a colour such as #1a4fd6, dark enough/,
    ],
    [
      'a logo that is not there',
      { setup: { brand: { logoFile: '/does/not/exist' } } },
      /setup\.brand\.logoFile names \/does\/not\/exist: it cannot be read \(ENOENT\)/,
    ],
    [
      'a script in the place of help',
      { setup: { brand: { supportUrl: 'javascript:alert(1)' } } },
      /setup\.brand\.supportUrl takes an https URL/,
    ],
    ...[
      '*',
      'https://*.example.com',
      'https://app.example.com/',
      'https://app.example.com;script-src',
      "'self'",
      'http://app.example.com',
    ].map((origin): [string, Record<string, unknown>, RegExp] => [
      `the frame of ${origin}`,
      { setup: { frameAncestors: [origin] } },
      /setup\.frameAncestors takes a list of origins/,
    ]),
    [
      'a way back without TLS',
      { setup: { returnOrigins: ['http://127.0.0.1'] } },
      /setup\.returnOrigins takes a list of https origins/,
    ],
    [
      'a setup page that is nowhere',
      { baseUrlTemplate: 'https://{tenant_id}.example.com/scim/v2', setup: {} },
      /setup\.publicUrl is required/,
    ],
    ['an option that there is not', { maxTtlDay: 1 }, /maxTtlDay is no option/],
    [
      'an unknown capability',
      { capabilities: { paste: { supported: true } } },
      /capabilities\.paste/,
    ],
  ];

  it.each(wrong)('%s', (_, options, message) => {
    const given = { ...OPTIONS, ...options };
    expect(() => resolveOptions(given, DEFAULT_EXTRAS)).toThrow(message);
  });
});

describe('A secret is refused that others may know:', () => {
  const messageOf = (options: object): string => {
    try {
      resolveOptions({ ...OPTIONS, ...options }, DEFAULT_EXTRAS);
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const options = (secret: string): [string, object][] => [
    ['jwt.key.secret', { jwt: { key: { secret } } }],
    ['pepper', { pepper: secret }],
    ['pepperPrevious', { pepperPrevious: secret }],
    ['verifySecret', { verifySecret: secret, verifyUriHeader: 'X-Original-URI' }],
  ];

  it.each(KNOWABLE_SECRETS)('%s', (_, secret) => {
    for (const [name, given] of options(secret)) {
      const message = messageOf(given);
      expect(message).toMatch(new RegExp(`\n  ${name} takes [^\n]*at least 32 bytes with 8`));
      expect(message).not.toContain(secret.trim().slice(0, 12));
    }
  });

  it.each(KNOWABLE_WEBHOOK_SECRETS)('%s for webhooks', (secret) => {
    const message = messageOf({ webhook: { url: 'https://hooks.example.com', secret } });
    expect(message).toMatch(/webhook takes [^\n]*24 to 64 random bytes in base64/);
    expect(message).not.toContain(secret);
  });

  it('and none that openssl makes', () => {
    for (const secret of RANDOM_SECRETS) {
      for (const [, given] of options(secret)) expect(messageOf(given)).toBe('');
    }
  });
});

describe('A wrong static option is named with what it takes:', () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    [
      'an unknown group of controllers',
      { controllers: ['everything'] },
      /controllers takes a list of admin, lifecycle, verification/,
    ],
    ['a path with a parameter', { path: 'tenants/:id' }, /path takes a path such as/],
    [
      'a setup page where an API is',
      { setupPath: '/api/v1/scim-setup' },
      /setupPath takes another/,
    ],
    ['no name of a data source', { dataSource: '' }, /dataSource takes the name/],
  ];

  it.each(wrong)('%s', (_, extras, message) => {
    expect(() => resolveExtras(extras)).toThrow(message);
  });
});

describe('What is left out has its default', () => {
  it('among the options, an explicit undefined too', () => {
    expect(resolveOptions({ ...OPTIONS, prefix: undefined }, DEFAULT_EXTRAS)).toMatchObject({
      baseUrlTemplate: OPTIONS.baseUrlTemplate,
      prefix: 'scim',
      defaultTtlDays: 365,
      maxTtlDays: 730,
      maxActivePerTenant: 20,
      bcryptCost: 10,
      pepper: null,
      cacheTtlSeconds: 5,
      tenantParam: 'tenant_id',
      schema: null,
      runMigrations: false,
      oauth: { issuers: [] },
    });
    expect(resolveOptions({ ...OPTIONS, oauth: false }, DEFAULT_EXTRAS).oauth).toBeNull();
  });

  it('in the setup page, which is off unless it is asked for', () => {
    expect(resolveOptions(OPTIONS, DEFAULT_EXTRAS).setup).toBeNull();
    const setup = (given: object): unknown =>
      resolveOptions({ ...OPTIONS, ...given }, DEFAULT_EXTRAS).setup;
    expect(setup({ setup: {} })).toEqual({
      publicUrl: 'https://host.example.com',
      brand: { name: null, color: null, logoFile: null, supportUrl: null },
      frameAncestors: [],
      returnOrigins: [],
    });
    const publicUrl = 'https://app.example.com/base';
    expect(setup({ publicUrl, setup: {} })).toMatchObject({ publicUrl });
    const given = {
      publicUrl: 'https://setup.example.com',
      brand: { name: 'Ä', color: '#767676', logoFile: null, supportUrl: 'mailto:help@example.com' },
      frameAncestors: ['https://a.example.com:8443', 'http://localhost:5173', 'http://[::1]:3000'],
      returnOrigins: ['https://a.example.com'],
    };
    expect(setup({ publicUrl, setup: given })).toEqual(given);
  });

  it('the default lifetime never being above the longest', () => {
    expect(resolveOptions({ ...OPTIONS, maxTtlDays: 30 }, DEFAULT_EXTRAS).defaultTtlDays).toBe(30);
  });

  it('among the static ones', () => {
    expect(resolveExtras({ isGlobal: undefined } as object)).toEqual(DEFAULT_EXTRAS);
    expect(resolveExtras({ path: '/tokens/' }).path).toBe('tokens');
    expect(resolveExtras({ setupPath: '/connect/scim/' }).setupPath).toBe('connect/scim');
    expect(DEFAULT_EXTRAS.controllers).toBe(CONTROLLER_GROUPS);
  });

  it('and nothing is required where no controller is mounted', () => {
    expect(() => resolveOptions({}, { controllers: [] })).not.toThrow();
    expect(() => resolveOptions({}, { controllers: ['verification'] })).toThrow(/jwt is required/);
  });
});
