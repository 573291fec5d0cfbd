import { SCIM_SCOPES } from '../core/token';
import type { EndpointInfoResponse, IdentityProviderResponse } from './endpoint-info.dto';
import { endpointInfo, type EndpointInfoParts } from './endpoint-info';

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
};

function info(changes: Partial<EndpointInfoParts> = {}): EndpointInfoResponse {
  return endpointInfo({ ...parts, ...changes });
}

function provider(id: string, changes: Partial<EndpointInfoParts> = {}): IdentityProviderResponse {
  const found = info(changes).providers.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no provider ${id}`);
  return found;
}

function field(from: IdentityProviderResponse, label: string): string | undefined {
  return from.fields.find((candidate) => candidate.label === label)?.value;
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
    ]);
  });

  it('says null where no token expires or was used', () => {
    expect(info().authentication).toMatchObject({ next_expiry: null, last_used_at: null });
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
      ]);
    }
  });

  it.each(info().providers.map((entry) => [entry.id, entry] as const))(
    '%s has fields with the base URL and the token, steps, notes and scopes that can look users up',
    (_id, entry) => {
      const values = entry.fields.map(({ value }) => value.replaceAll('%5F', '_').split('?')[0]);
      expect(values).toContain(info().base_url);
      expect(values).toContain('The value shown when the token was created');
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
