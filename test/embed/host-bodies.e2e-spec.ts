import type { IncomingMessage } from 'node:http';
import type { INestApplication } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { ScimTokensModule } from '../../src';
import { HOST_SECRET, ProbeModule } from './support/host.module';
import { startHost, type Adapter, type Host } from './support/start-host';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const PUBLIC = '/platform/api/v1/scim-tokens';
const FORM = 'application/x-www-form-urlencoded';

type Parsers = Parameters<typeof startHost>[3];

const configured = (configure: (app: INestApplication) => void): Parsers => ({
  bodyParser: false,
  configure,
});
const rawParser = (app: INestApplication) =>
  (app as NestExpressApplication).useBodyParser('raw', {
    type: ({ headers }) => headers['content-type'] !== 'application/scim+json',
  });
const thrownAway = (app: INestApplication) =>
  app.use((request: IncomingMessage, _response: unknown, next: () => void) => {
    request.on('end', next).resume();
  });
const asExpress4 = (app: INestApplication) =>
  app.use((request: { body?: unknown }, _response: unknown, next: () => void) => {
    request.body = {};
    next();
  });

const HOSTS: [string, Adapter, Parsers?][] = [
  ["Express with Nest's parsers", 'express'],
  ['Express without a parser', 'express', { bodyParser: false }],
  ['Express with a parser that keeps bytes', 'express', configured(rawParser)],
  ['Express that makes {} of what it does not parse', 'express', configured(asExpress4)],
  ["Fastify with Nest's parsers", 'fastify'],
  ["Fastify with Fastify's parsers alone", 'fastify', { bodyParser: false }],
];

const start = (adapter: Adapter, parsers?: Parsers) =>
  startHost(
    adapter,
    [
      ScimTokensModule.forRoot({
        baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
        jwt: { key: { secret: HOST_SECRET } },
        runMigrations: true,
        dataSource: 'host',
        isGlobal: true,
      }),
      ProbeModule,
    ],
    undefined,
    parsers,
  );

describe.each(HOSTS)('A host on %s', (_, adapter, parsers) => {
  let host: Host;
  let id: string;
  let token: string;

  beforeAll(async () => {
    host = await start(adapter, parsers);
  });
  afterAll(() => host.close());
  beforeEach(async () => {
    const body = { name: 'Okta', tenant_id: 'tnt_a' };
    const made = await host.call('POST', TOKENS, { body, type: 'application/scim+json' });
    ({ id, token } = JSON.parse(made.body) as { id: string; token: string });
  });

  const revoke = (body: string | undefined, type: string | null) =>
    host.call('POST', `${PUBLIC}/revoke`, { jwt: null, body, type });
  const works = async () => {
    const path = '/platform/v2/tenants/tnt_a/probe';
    return (await host.call('GET', path, { jwt: token })).status === 200;
  };

  it('revokes what a form or JSON names', async () => {
    expect(await works()).toBe(true);
    expect((await revoke(`token=${token}`, FORM)).status).toBe(200);
    expect(await works()).toBe(false);
  });

  it.each(['application/json', 'application/vnd.found+json'])(
    'revokes what a body of type %s names',
    async (type) => {
      expect((await revoke(JSON.stringify({ token }), type)).status).toBe(200);
      expect(await works()).toBe(false);
    },
  );

  it('never answers 200 for a value that it did not read', async () => {
    const json = JSON.stringify({ token });
    for (const [body, type] of [
      [undefined, null],
      ['token=', FORM],
      [`token=${token}&token=${token}`, FORM],
      [`token=${token}%00`, FORM],
      [`token[a]=${token}`, FORM],
      ['{"token":1}', 'application/json'],
      [`[${json}]`, 'application/json'],
      [`token=${token}`, 'text/plain;charset=UTF-8'],
      [`token=${token}`, 'multipart/form-data; boundary=x'],
      [`token=${token}`, null],
    ] as const) {
      const { status } = await revoke(body, type);
      expect([body, type, status === 400 || status === 415]).toEqual([body, type, true]);
    }
    expect(await works()).toBe(true);
  });

  it('introspects what a form names, and takes nothing else', async () => {
    const introspect = (body: string, type: string) =>
      host.call('POST', `${PUBLIC}/introspect`, { body, type });
    expect((await introspect(`token=${token}`, FORM)).body).toContain('"active":true');
    expect((await introspect('tenant_id=tnt_a', FORM)).status).toBe(422);
    expect((await introspect(`token=${token}&token=${token}`, FORM)).status).toBe(422);
    expect((await introspect(JSON.stringify({ token }), 'application/json')).status).toBe(415);
    expect((await introspect(`token=${token}`, 'text/plain')).status).toBe(415);
  });

  it('needs no body where there is nothing to say, whatever type the headers give it', async () => {
    const at = `${TOKENS}/${id}`;
    for (const headers of [
      { 'content-type': 'application/json' },
      { 'content-type': 'application/json', 'content-length': '0' },
      { 'content-type': 'application/json', 'transfer-encoding': 'chunked' },
    ]) {
      const statuses = [];
      for (const [method, path] of [
        ['POST', `${at}/rotate`],
        ['POST', `${at}/rotation/complete`],
        ['POST', `${at}/rotate`],
        ['DELETE', `${at}/rotation`],
      ] as const) {
        statuses.push((await host.call(method, path, { headers })).status);
      }
      expect([headers, statuses]).toEqual([headers, [201, 200, 201, 200]]);
    }
    const headers = { 'content-type': 'application/json' };
    expect((await host.call('DELETE', at, { headers })).status).toBe(204);
  });

  it('bounds what the module reads by itself', async () => {
    const body = { name: 'x'.repeat(100_000), tenant_id: 'tnt_a' };
    const large = await host.call('POST', TOKENS, { body, type: 'application/scim+json' });
    expect(large.status).toBe(413);
    const rows = Array.from({ length: 2 }, () => ({ name: 'x'.repeat(100_000) }));
    const type = 'application/scim+json';
    const imported = await host.call('POST', `${TOKENS}/import`, { body: { tokens: rows }, type });
    // Read to its end, and found wanting.
    expect(imported.status).toBe(422);
    expect((await host.call('GET', `${TOKENS}/${id}`)).status).toBe(200);
  });
});

it('A host that read a body and kept nothing of it gets an error, and nothing is done', async () => {
  const host = await start('express', configured(thrownAway));
  try {
    const lost = { detail: 'The body was lost before it could be read' };
    for (const [path, body, type] of [
      [TOKENS, '{"name":"Okta","tenant_id":"tnt_a"}', 'application/json'],
      [`${TOKENS}/sct_x/rotate`, '{"overlap_hours":1}', 'application/json'],
      [`${PUBLIC}/revoke`, 'token=x', FORM],
      [`${PUBLIC}/revoke`, '{"token":"x"}', 'application/json'],
      [`${PUBLIC}/introspect`, 'token=x', FORM],
    ] as const) {
      const answer = await host.call('POST', path, { body, type });
      expect([path, answer.status, JSON.parse(answer.body)]).toEqual([path, 400, lost]);
    }
    expect(JSON.parse((await host.call('GET', TOKENS)).body)).toMatchObject({ total: 0 });
  } finally {
    await host.close();
  }
});
