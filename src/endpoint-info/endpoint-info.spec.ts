import { SCIM_SCOPES } from '../core/token';
import type { EndpointInfoResponse } from './endpoint-info.dto';
import type {
  IdentityProviderMethodResponse,
  IdentityProviderResponse,
} from './identity-provider.dto';
import { endpointInfo, type EndpointInfoParts } from './endpoint-info';

const TOKEN_ENDPOINT = 'https://scim.example.com/api/v1/scim-tokens/oauth/token';
const TEMPLATE = 'https://scim.example.com/api/v1/tenants/{tenant_id}/scim/v2';
const parts: EndpointInfoParts = {
  tenantId: 'tnt_a',
  baseUrlTemplate: TEMPLATE,
  tokenPrefix: 'scim',
  capabilities: {
    patch: { supported: true },
    bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
    filter: { supported: true, maxResults: 200 },
    change_password: { supported: false },
    sort: { supported: false },
    etag: { supported: false },
  },
  activeTokens: 0,
  nextExpiry: null,
  lastUsedAt: null,
  recentFailures: [],
  tokenEndpointFor: (baseUrl) => ({
    issuer: new URL(baseUrl).origin,
    token_endpoint: TOKEN_ENDPOINT,
    metadata: 'https://scim.example.com/.well-known/oauth-authorization-server',
  }),
};
const WITHOUT_OAUTH: Partial<EndpointInfoParts> = { tokenEndpointFor: () => null };

function info(changes: Partial<EndpointInfoParts> = {}): EndpointInfoResponse {
  return endpointInfo({ ...parts, ...changes });
}

function provider(id: string, changes: Partial<EndpointInfoParts> = {}): IdentityProviderResponse {
  const found = info(changes).providers.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no provider ${id}`);
  return found;
}

type Form = Pick<IdentityProviderResponse, 'fields' | 'steps' | 'notes'>;

function field({ fields }: Form, label: string): string | undefined {
  return fields.find((candidate) => candidate.label === label)?.value;
}

function method(id: string, authMethod: string): IdentityProviderMethodResponse {
  const found = provider(id).methods.find(({ auth_method }) => auth_method === authMethod);
  if (!found) throw new Error(`${id} has no ${authMethod}`);
  return found;
}

function methodsOf({ methods }: IdentityProviderResponse): string[] {
  return methods.map(({ auth_method }) => auth_method);
}

describe('endpointInfo', () => {
  it('answers its members in the documented order', () => {
    const answer = info();
    expect(Object.keys(answer)).toEqual([
      'tenant_id',
      'scim_version',
      'base_url',
      'endpoints',
      'authentication',
      'capabilities',
      'unique_identifier',
      'providers',
    ]);
    expect(Object.entries(answer.endpoints)).toEqual(
      [
        ['service_provider_config', 'ServiceProviderConfig'],
        ['resource_types', 'ResourceTypes'],
        ['schemas', 'Schemas'],
        ['users', 'Users'],
        ['groups', 'Groups'],
        ['bulk', 'Bulk'],
      ].map(([name, path]) => [name, `${answer.base_url}/${path ?? ''}`]),
    );
    expect(answer).toMatchObject({
      tenant_id: 'tnt_a',
      scim_version: '2.0',
      base_url: 'https://scim.example.com/api/v1/tenants/tnt_a/scim/v2',
      capabilities: parts.capabilities,
      unique_identifier: 'userName',
    });
  });

  it('tells how the tokens stand, in UTC with milliseconds', () => {
    const failure = {
      reason: 'malformed',
      hint: 'The value was pasted with quotes around it',
      count: 3,
      last_at: '2026-11-24T09:30:00.000Z',
      last_ip: null,
    };
    const { authentication } = info({
      tokenPrefix: 'acme',
      activeTokens: 2,
      nextExpiry: new Date('2027-01-02T03:04:05.006Z'),
      lastUsedAt: new Date('2026-01-02T04:04:05+01:00'),
      recentFailures: [failure],
    });
    expect(Object.entries(authentication)).toEqual([
      ['scheme', 'oauthbearertoken'],
      ['header', 'Authorization: Bearer <token>'],
      ['token_prefix', 'acme_'],
      ['active_tokens', 2],
      ['next_expiry', '2027-01-02T03:04:05.006Z'],
      ['last_used_at', '2026-01-02T03:04:05.000Z'],
      ['recent_failures', [failure]],
      [
        'oauth',
        {
          token_endpoint: TOKEN_ENDPOINT,
          metadata: 'https://scim.example.com/.well-known/oauth-authorization-server',
          grant_types: ['client_credentials'],
        },
      ],
    ]);
  });

  it('says null where no token expires or was used', () => {
    expect(info().authentication).toMatchObject({ next_expiry: null, last_used_at: null });
  });

  it('says where the token endpoint is by the base URL of the tenant, which may be a host of its own', () => {
    const asked: string[] = [];
    info({
      baseUrlTemplate: 'https://{tenant_id}.example.com/scim/v2',
      tokenEndpointFor: (baseUrl) => {
        asked.push(baseUrl);
        return null;
      },
    });
    expect(asked).toEqual(['https://tnt_a.example.com/scim/v2']);
  });

  it.each([
    ['a/b?c#d', 'a%2Fb%3Fc%23d'],
    ["!'()*", '%21%27%28%29%2A'],
    ['Zürich 東京 🏢', 'Z%C3%BCrich%20%E6%9D%B1%E4%BA%AC%20%F0%9F%8F%A2'],
    ['$&$1', '%24%26%241'],
    ['{tenant_id}', '%7Btenant_id%7D'],
    ['.', '%2E'],
    ['..', '%2E%2E'],
    ['a.b', 'a.b'],
    ['...', '...'],
  ])('writes the tenant id %s as the path segment %s', (tenantId, segment) => {
    const answer = info({ tenantId });
    expect(answer.tenant_id).toBe(tenantId);
    expect(answer.base_url).toBe(`https://scim.example.com/api/v1/tenants/${segment}/scim/v2`);
  });

  it('fills the tenant in wherever the template names it', () => {
    const baseUrlTemplate = 'https://{tenant_id}.example.com/{tenant_id}';
    expect(info({ tenantId: 'a', baseUrlTemplate }).base_url).toBe('https://a.example.com/a');
  });

  it('never ends the base URL with a slash', () => {
    expect(info({ baseUrlTemplate: `${TEMPLATE}//` }).base_url).toBe(info().base_url);
  });
});

/** What the fields say of where to go, in one piece. */
function addressesOf({ fields }: Form): string[] {
  const values = fields.map(({ value }) => value.replaceAll('%5F', '_').split('?')[0] ?? '');
  const host = field({ fields, steps: [], notes: [] }, 'Host Name');
  return host === undefined ? values : [...values, `https://${host}${values[1] ?? ''}`];
}

describe('the providers', () => {
  it('come in the documented order, each member in its own', () => {
    const { providers } = info();
    expect(providers.map(({ id }) => id)).toEqual([
      'entra',
      'okta',
      'onelogin',
      'jumpcloud',
      'pingone',
      'rippling',
      'cyberark',
      'sailpoint',
      'authentik',
      'oracle',
      'generic',
    ]);
    for (const entry of providers) {
      expect(Object.keys(entry)).toEqual([
        'id',
        'name',
        'fields',
        'steps',
        'required_scopes',
        'notes',
        'methods',
      ]);
      for (const one of entry.methods) {
        expect(Object.keys(one)).toEqual([
          'auth_method',
          'recommended',
          'fields',
          'steps',
          'notes',
        ]);
      }
    }
  });

  it.each(info().providers.map((entry) => [entry.id, entry] as const))(
    '%s has fields with the base URL and the token, steps, notes and scopes that can look users up',
    (_id, entry) => {
      expect(addressesOf(entry)).toContain(info().base_url);
      expect(entry.fields.map(({ value }) => value)).toContain(
        'The value shown when the token was created',
      );
      for (const text of [...entry.steps, ...entry.notes]) expect(text).toMatch(/^.+\.$/);
      expect(entry.steps).not.toEqual([]);
      expect(entry.notes).not.toEqual([]);
      expect(entry.required_scopes).toEqual(
        SCIM_SCOPES.filter((scope) => entry.required_scopes.includes(scope)),
      );
      expect(entry.required_scopes).toContain('users:read');
      expect(entry.required_scopes).toContain('users:write');
    },
  );

  it('never hold a value, nor the start of one', () => {
    expect(JSON.stringify(info({ tokenPrefix: 'acme' }).providers)).not.toMatch(/acme_|scim_/);
  });

  it('take these methods, of which the first alone is recommended', () => {
    const { providers } = info();
    expect(Object.fromEntries(providers.map((entry) => [entry.id, methodsOf(entry)]))).toEqual({
      entra: ['workload_identity', 'client_credentials', 'bearer'],
      okta: ['bearer'],
      onelogin: ['bearer'],
      jumpcloud: ['bearer'],
      pingone: ['client_credentials', 'bearer'],
      rippling: ['bearer'],
      cyberark: ['bearer'],
      sailpoint: ['client_credentials', 'bearer'],
      authentik: ['client_credentials', 'bearer'],
      oracle: ['client_credentials', 'bearer'],
      generic: ['client_credentials', 'bearer'],
    });
    for (const { methods } of providers) {
      expect(methods.map(({ recommended }) => recommended)).toEqual(
        methods.map((_, index) => index === 0),
      );
    }
  });

  it('say of a bearer token the same as ever, beside the methods and among them', () => {
    for (const { fields, steps, notes, methods } of info().providers) {
      expect(methods.at(-1)).toMatchObject({ auth_method: 'bearer', fields, steps, notes });
    }
  });

  it.each(
    info().providers.flatMap(({ id, methods }) =>
      methods
        .filter(({ auth_method }) => auth_method !== 'bearer')
        .map((one) => [id, one.auth_method, one] as const),
    ),
  )('%s by %s goes to the SCIM routes and the token endpoint, as itself', (_id, name, one) => {
    expect(addressesOf(one)).toEqual(
      expect.arrayContaining([info().base_url, TOKEN_ENDPOINT, 'The client_id of the token']),
    );
    const secrets = one.fields.filter(({ value }) => value.startsWith('The client_secret shown'));
    expect(secrets).toHaveLength(name === 'client_credentials' ? 1 : 0);
    expect(JSON.stringify(one)).not.toContain('The value shown');
    expect(one.steps.join(' ')).toContain(`"auth_method": "${name}"`);
    for (const text of [...one.steps, ...one.notes]) expect(text).toMatch(/^.+\.$/);
  });

  it('take bearer tokens alone where OAuth is off', () => {
    const answer = info(WITHOUT_OAUTH);
    expect(answer.authentication.oauth).toBeNull();
    for (const { fields, steps, notes, methods } of answer.providers) {
      expect(methods).toEqual([{ auth_method: 'bearer', recommended: true, fields, steps, notes }]);
    }
    expect(JSON.stringify(answer)).not.toMatch(/client_id|oauth\/token/);
  });

  it.each([
    ['client_credentials', 'OAuth token endpoint', 'Token Endpoint', TOKEN_ENDPOINT],
    ['client_credentials', 'Client ID', 'Client Identifier', 'The client_id of the token'],
    ['workload_identity', 'Token Endpoint', 'OAuth token endpoint', TOKEN_ENDPOINT],
    ['workload_identity', 'SCIM URL', 'Application API URL', `${info().base_url}?aadOptscim062020`],
  ])("have Entra's %s in both layouts: %s and %s", (name, one, other, value) => {
    const form = method('entra', name);
    expect([field(form, one), field(form, other)]).toEqual([value, value]);
  });

  it('tell why a workload identity is for one connection', () => {
    const { steps, notes } = method('entra', 'workload_identity');
    expect(steps.join(' ')).toContain('"Select Workload Identity" register a new one');
    expect(notes.join(' ')).toContain('One workload identity for each connection');
  });

  it("take the base URL apart for Oracle's console", () => {
    const form = method('oracle', 'client_credentials');
    expect(field(form, 'Host Name')).toBe('scim.example.com');
    expect(field(form, 'Base URI')).toBe('/api/v1/tenants/tnt_a/scim/v2');
  });

  it("give Entra's URL the flag that makes its PATCH standard", () => {
    expect(field(provider('entra'), 'Tenant URL')).toBe(`${info().base_url}?aadOptscim062020`);
  });

  it.each(['entra', 'jumpcloud'])('need all scopes for the connection test of %s', (id) => {
    expect(provider(id).required_scopes).toEqual(SCIM_SCOPES);
  });
});

describe("Okta's base URL", () => {
  const LABEL = 'SCIM connector base URL';
  const IN_PATH = 'written as %5F';
  const IN_HOST = 'The host name holds "_"';

  it('writes underscores in the path as %5F, and says so', () => {
    const okta = provider('okta', { tenantId: 'tnt_a_b' });
    expect(field(okta, LABEL)).toBe('https://scim.example.com/api/v1/tenants/tnt%5Fa%5Fb/scim/v2');
    expect(okta.notes).toContainEqual(expect.stringContaining(IN_PATH));
    expect(okta.notes).not.toContainEqual(expect.stringContaining(IN_HOST));
  });

  it('leaves one in the host alone, with a warning that no other provider has', () => {
    const changes = { tenantId: 'a', baseUrlTemplate: 'https://my_host.example.com/{tenant_id}' };
    const okta = provider('okta', changes);
    expect(field(okta, LABEL)).toBe('https://my_host.example.com/a');
    expect(okta.notes).not.toContainEqual(expect.stringContaining(IN_PATH));
    const warned = info(changes).providers.filter(({ notes }) =>
      notes.some((note) => note.includes(IN_HOST)),
    );
    expect(warned.map(({ id }) => id)).toEqual(['okta']);
  });

  it('says nothing about underscores where there is none', () => {
    expect(provider('okta', { tenantId: 'a' }).notes.join()).not.toMatch(/%5F|"_"/);
  });

  it('changes for Okta alone', () => {
    const others = info().providers.filter(({ id }) => id !== 'okta');
    expect(JSON.stringify(others)).not.toContain('%5F');
  });
});
