import type { INestApplication } from '@nestjs/common';
import { AuthorizationServerMetadata, METADATA_PATH, ScimTokensModule } from '../../src';
import { HOST_SECRET } from './support/host.module';
import { startHost, type Adapter, type Host } from './support/start-host';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const TOKEN = '/platform/api/v1/scim-tokens/oauth/token';
const FORM = 'application/x-www-form-urlencoded';
const OPTIONS = {
  baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: HOST_SECRET } },
  runMigrations: true,
  dataSource: 'host',
};

const HOSTS: [string, Adapter, { bodyParser?: boolean }][] = [
  ["Express with Nest's parsers", 'express', {}],
  ['Express without a parser', 'express', { bodyParser: false }],
  ["Fastify with Nest's parsers", 'fastify', {}],
  ["Fastify with Fastify's parsers alone", 'fastify', { bodyParser: false }],
];

/** As the guide to embedding has it. */
const mountMetadata = (app: INestApplication): void => {
  app.use(METADATA_PATH, app.get(AuthorizationServerMetadata, { strict: false }).middleware);
};

describe.each(HOSTS)('The token endpoint in a host on %s', (_, adapter, parsers) => {
  let host: Host;
  let credentials: string;

  beforeAll(async () => {
    const module = ScimTokensModule.forRoot(OPTIONS);
    host = await startHost(adapter, [module], undefined, { ...parsers, configure: mountMetadata });
    const body = { name: 'Entra', tenant_id: 'tnt_a', auth_method: 'client_credentials' };
    const made = JSON.parse((await host.call('POST', TOKENS, { body })).body) as Record<
      'client_id' | 'client_secret',
      string
    >;
    credentials = `client_id=${made.client_id}&client_secret=${made.client_secret}`;
  });
  afterAll(() => host.close());

  const ask = async (body: string, type: string | null = FORM, path = TOKEN) => {
    const {
      status,
      headers,
      body: text,
    } = await host.call('POST', path, { jwt: null, body, type });
    const { error, token_type } = JSON.parse(text) as Record<string, string>;
    const isKept = !headers.map((one) => one.toLowerCase()).includes('cache-control: no-store');
    return [status, error ?? token_type, isKept ? 'may be stored' : 'no-store'];
  };
  const grant = () => `grant_type=client_credentials&${credentials}`;
  const refusal = (status: number, error: string) => [status, error, 'no-store'];

  it('issues access tokens, below its prefix and with a slash at the end', async () => {
    expect(await ask(grant())).toEqual([200, 'Bearer', 'no-store']);
    expect(await ask(grant(), `${FORM}; charset=utf-8`, `${TOKEN}/`)).toEqual([
      200,
      'Bearer',
      'no-store',
    ]);
  });

  it('refuses in its own words what the host would answer, or take', async () => {
    const request = refusal(400, 'invalid_request');
    expect(await ask(`${grant()}&client_id=x`)).toEqual(request);
    expect(await ask(credentials)).toEqual(request);
    expect(await ask('{"grant_type":"client_credentials"}', 'application/json')).toEqual(request);
    expect(await ask(grant(), 'text/plain')).toEqual(request);
    expect(await ask(grant(), 'multipart/form-data; boundary=x')).toEqual(request);
    expect(await ask(grant(), null)).toEqual(request);
    expect(await ask(grant(), FORM, `${TOKEN}?client_secret=x`)).toEqual(request);
    expect(await ask('grant_type=password')).toEqual(refusal(400, 'unsupported_grant_type'));
    expect(await ask(`${grant()}x`)).toEqual(refusal(401, 'invalid_client'));
    expect(await ask(`${grant()}&scope=x`)).toEqual(refusal(400, 'invalid_scope'));
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'answers %s with 405',
    async (method) => {
      const { status, headers } = await host.call(method, TOKEN, { jwt: null });
      const sent = headers.map((one) => one.toLowerCase());
      expect([
        status,
        sent.includes('allow: post'),
        sent.includes('cache-control: no-store'),
      ]).toEqual([405, true, true]);
    },
  );

  it('is described at the root of the host, and nowhere else', async () => {
    const { status, body } = await host.call('GET', METADATA_PATH, { jwt: null });
    expect([status, JSON.parse(body)]).toEqual([
      200,
      expect.objectContaining({
        issuer: 'https://host.example.com',
        token_endpoint: `https://host.example.com${TOKEN}`,
      }),
    ]);
    for (const [method, path] of [
      ['POST', METADATA_PATH],
      ['GET', `${METADATA_PATH}/x`],
      ['GET', `/platform${METADATA_PATH}`],
    ] as const) {
      expect((await host.call(method, path)).status).toBe(404);
    }
  });
});

it.each(['express', 'fastify'] as const)(
  'A host on %s that wants no token endpoint has none',
  async (adapter) => {
    for (const options of [
      { ...OPTIONS, oauth: false as const },
      { ...OPTIONS, controllers: ['admin' as const] },
    ]) {
      const host = await startHost(adapter, [ScimTokensModule.forRoot(options)], undefined, {
        configure: mountMetadata,
      });
      try {
        const body = 'grant_type=client_credentials';
        const answer = await host.call('POST', TOKEN, { jwt: null, body, type: FORM });
        expect(answer.status).toBe(404);
        expect(Object.keys(host.document.paths)).not.toContain(TOKEN);
      } finally {
        await host.close();
      }
    }
  },
);
