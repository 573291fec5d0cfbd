import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';

interface Info {
  readonly authentication: {
    readonly oauth: { readonly token_endpoint: string; readonly metadata: string } | null;
  };
  readonly providers: readonly {
    readonly methods: readonly { readonly auth_method: string; readonly recommended: boolean }[];
  }[];
}

const FORM = 'application/x-www-form-urlencoded';
let app: TestApp;
afterEach(() => app.close());

async function info(): Promise<Info> {
  const { body } = await app.as(tenantAdmin()).get(`${TOKENS}endpoint-info`).expect(200);
  return body as Info;
}

/** What this app answers at a URL that it names by its public URL. */
function atPublicUrl(url: string, init: RequestInit = {}): Promise<Response> {
  return fetch(app.url + url.replace('https://scim.example.com', ''), init);
}

describe('endpoint-info', () => {
  it('names a token endpoint and a metadata document that are there', async () => {
    app = await startTestApp({ env: { PUBLIC_URL: 'https://scim.example.com', TRUST_PROXY: '1' } });
    const { oauth } = (await info()).authentication;
    const { token_endpoint: endpoint = '', metadata = '' } = oauth ?? {};
    expect(endpoint).toBe('https://scim.example.com/api/v1/scim-tokens/oauth/token');
    const asked = await atPublicUrl(endpoint, {
      method: 'POST',
      headers: { 'content-type': FORM },
    });
    expect([asked.status, await asked.json()]).toMatchObject([400, { error: 'invalid_request' }]);
    const described = await atPublicUrl(metadata);
    expect(await described.json()).toMatchObject({ token_endpoint: endpoint });
  });

  it('tells of bearer tokens alone where OAuth is off, and nothing else is served', async () => {
    app = await startTestApp({ env: { SCIM_OAUTH_ENABLED: 'false' } });
    const { authentication, providers } = await info();
    expect(authentication.oauth).toBeNull();
    for (const { methods } of providers) {
      expect(methods).toEqual([
        expect.objectContaining({ auth_method: 'bearer', recommended: true }),
      ]);
    }
    const paths = ['/api/v1/scim-tokens/oauth/token', '/.well-known/oauth-authorization-server'];
    for (const path of paths) {
      const method = path.startsWith('/api') ? 'POST' : 'GET';
      expect((await atPublicUrl(path, { method })).status).toBe(404);
    }
  });
});
