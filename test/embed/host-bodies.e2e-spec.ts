import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runInThisContext } from 'node:vm';
import {
  Body,
  Controller,
  Get,
  Module,
  Patch,
  Post,
  Put,
  Req,
  SetMetadata,
  UseGuards,
  type INestApplication,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { FastifyInstance } from 'fastify';
import { RequireScimScopes, ScimTokenGuard, ScimTokensModule } from '../../src';
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

const start = (adapter: Adapter, parsers?: Parsers, module: new () => object = ProbeModule) =>
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
      module,
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

@Controller('tenants/:tenant_id/scim/v2/Users')
@SetMetadata('host:public', true)
@UseGuards(ScimTokenGuard)
@RequireScimScopes()
class UsersController {
  @Get()
  list(): object {
    return {};
  }

  @Post()
  create(@Body() body: unknown): object {
    return { got: body ?? null };
  }
}

@Controller('tenants/:tenant_id/scim/v2/Groups')
@SetMetadata('host:public', true)
class GroupsController {
  @Put()
  @UseGuards(ScimTokenGuard)
  @RequireScimScopes()
  replace(@Body() body: unknown): object {
    return { got: body ?? null };
  }

  @Patch()
  open(@Body() body: unknown): object {
    return { got: body ?? null };
  }
}

/** Reads for itself. */
@Controller('tenants/:tenant_id/scim/v2/Bulk')
@SetMetadata('host:public', true)
class BulkController {
  @Post()
  @UseGuards(ScimTokenGuard)
  @RequireScimScopes()
  async run(@Req() request: IncomingMessage): Promise<object> {
    return { got: JSON.parse(await text(request)) as unknown };
  }
}

@Module({ controllers: [UsersController, GroupsController] })
class ScimModule {}
@Module({ controllers: [BulkController] })
class BulkModule {}

describe('SCIM bodies on routes under the guard', () => {
  const GUIDE = readFileSync(join(__dirname, '../../docs/guides/embedding.md'), 'utf8');
  const SCIM = '/platform/v2/tenants/tnt_a/scim/v2';
  const SENT = { userName: 'ada' };

  /** The lines of the guide that hold `marker`, as code. */
  const guideLines = (marker: string): ((app: INestApplication) => void) => {
    const [lines] = new RegExp(`(?<=\`\`\`ts\\n)[^\`]*${marker}[^\`]*`).exec(GUIDE) ?? [];
    return runInThisContext(`(app) => { ${lines ?? ''} }`) as (app: INestApplication) => void;
  };
  const LINES = {
    express: guideLines('useBodyParser'),
    fastify: guideLines('addContentTypeParser'),
  };

  const use = async (
    adapter: Adapter,
    configure: (app: INestApplication) => void,
    run: (
      send: (
        method: string,
        path: string,
        type?: string,
      ) => Promise<{ status: number | undefined; got?: unknown }>,
      warnings: () => string[],
    ) => Promise<void>,
    module: new () => object = ScimModule,
  ) => {
    const heard: string[] = [];
    const silent = (): void => undefined;
    const warn = (message: unknown) => void heard.push(String(message));
    const logger = { log: silent, error: silent, warn };
    const host = await start(adapter, { logger, configure }, module);
    try {
      const made = await host.call('POST', TOKENS, { body: { name: 'Okta', tenant_id: 'tnt_a' } });
      const { token: jwt } = JSON.parse(made.body) as { token: string };
      await run(
        async (method, path, type = 'application/scim+json; charset=utf-8') => {
          const body = type === FORM ? 'userName=ada' : SENT;
          const answer = await host.call(method, SCIM + path, { jwt, type, body });
          const { got } = JSON.parse(answer.body) as { got?: unknown };
          return { status: answer.status, got };
        },
        () => heard.filter((line) => line.includes('application/scim+json')),
      );
    } finally {
      await host.close();
    }
  };
  const nothing = (): void => undefined;

  it.each(['express', 'fastify'] as const)(
    'are warned of at start on %s with default parsers, with the lines to add',
    (adapter) =>
      use(adapter, nothing, async (send, warnings) => {
        expect(warnings()).toHaveLength(1);
        const [line = ''] = warnings();
        expect(line).toContain('send to UsersController.create, GroupsController.replace. ');
        expect(line).toContain(
          { express: 'app.useBodyParser(', fastify: 'fastify.addContentTypeParser(' }[adapter],
        );
        expect(await send('POST', '/Users')).toEqual(
          adapter === 'express' ? { status: 201, got: null } : { status: 415 },
        );
      }),
  );

  it.each(['express', 'fastify'] as const)(
    "are read on %s with the guide's lines, as JSON and forms still are, without a warning",
    (adapter) =>
      use(adapter, LINES[adapter], async (send, warnings) => {
        expect(await send('POST', '/Users')).toEqual({ status: 201, got: SENT });
        expect(await send('PUT', '/Groups')).toEqual({ status: 200, got: SENT });
        for (const type of ['application/json', FORM]) {
          expect(await send('POST', '/Users', type)).toEqual({ status: 201, got: SENT });
        }
        expect(warnings()).toEqual([]);
      }),
  );

  it.each(['*', /^application\/.*json/])(
    'are no matter where Fastify has a parser for %s',
    (type) =>
      use(
        'fastify',
        (app) => {
          const fastify = app.getHttpAdapter().getInstance() as FastifyInstance;
          const json = fastify.getDefaultJsonParser('error', 'error');
          fastify.addContentTypeParser(type, { parseAs: 'string' }, json);
        },
        async (send, warnings) => {
          expect(await send('POST', '/Users')).toEqual({ status: 201, got: SENT });
          expect(warnings()).toEqual([]);
        },
      ),
  );

  it('are warned of once a route by the first that nothing read, where middleware might have', () =>
    use(
      'express',
      (app) =>
        app.use((_request: unknown, _response: unknown, next: () => void) => {
          next();
        }),
      async (send, warnings) => {
        expect(warnings()).toEqual([]);
        for (let count = 0; count < 2; count++) await send('POST', '/Users');
        expect(warnings()).toEqual([expect.stringContaining('UsersController.create was sent')]);
      },
    ));

  it('are no matter where middleware of the host reads them', () =>
    use(
      'express',
      (app) =>
        app.use(
          async (request: IncomingMessage & { body?: unknown }, _: unknown, next: () => void) => {
            if (request.headers['content-type']?.startsWith('application/scim+json')) {
              request.body = JSON.parse(await text(request));
            }
            next();
          },
        ),
      async (send, warnings) => {
        expect(await send('POST', '/Users')).toEqual({ status: 201, got: SENT });
        expect(warnings()).toEqual([]);
      },
    ));

  it('are no matter where the handler reads them', () =>
    use(
      'express',
      nothing,
      async (send, warnings) => {
        expect(await send('POST', '/Bulk')).toEqual({ status: 201, got: SENT });
        expect(warnings()).toEqual([]);
      },
      BulkModule,
    ));
});
