import { AdminAuthentication } from '../../src/core/admin-authentication';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Controller,
  Get,
  Global,
  Injectable,
  Module,
  Scope,
  UnauthorizedException,
  UseGuards,
  type DynamicModule,
} from '@nestjs/common';
import { NestFactory, REQUEST } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { getDataSourceToken } from '@nestjs/typeorm';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import {
  Clock,
  RequireScimScopes,
  runScimTokenMigrations,
  SCIM_TOKEN_ENTITIES,
  SCIM_TOKEN_MIGRATIONS,
  ScimTokenEventListener,
  ScimTokenGuard,
  ScimTokensModule,
  ScimTokensOptionsError,
  TenantDirectory,
  type AdminClaims,
  type ScimTokenEvent,
  type ScimTokensExtras,
  type ScimTokensModuleOptions,
} from '../../src';
import { HOST_SECRET, hostDataSource, ProbeModule } from './support/host.module';
import { startHost, type Host } from './support/start-host';
import { createEmptyDatabase } from '../support/test-database';
import { MovingClock, SECOND } from '../support/moving-clock';
import { until } from '../support/until';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const OPTIONS: ScimTokensModuleOptions = {
  baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: HOST_SECRET } },
  runMigrations: true,
};
const WIRING = { dataSource: 'host', isGlobal: true };

const hosts: Host[] = [];
afterEach(async () => {
  for (const host of hosts.splice(0)) await host.close();
});

async function host(...args: Parameters<typeof startHost>): Promise<Host> {
  const started = await startHost(...args);
  hosts.push(started);
  return started;
}

const withModule = (options: ScimTokensModuleOptions & Partial<ScimTokensExtras>) =>
  host('express', [ScimTokensModule.forRoot({ ...WIRING, ...options })]);

async function create(
  { call }: Host,
  body: object = { name: 'Okta', tenant_id: 'tnt_a' },
  path = TOKENS,
): Promise<{ status: number | undefined; body: Record<string, unknown> }> {
  const answer = await call('POST', path, { body });
  return { status: answer.status, body: JSON.parse(answer.body) as Record<string, unknown> };
}

/** Schema and name of every table, but PostgreSQL's own. */
async function tables({ sql }: Host): Promise<string[]> {
  const rows = await sql<{ name: string }>(
    `SELECT table_schema || '.' || table_name AS name FROM information_schema.tables
     WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  return rows.map(({ name }) => name);
}

describe('A wrong registration stops the start of the host', () => {
  let dataSource: DataSource;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createEmptyDatabase();
    drop = database.drop;
    dataSource = await new DataSource({ type: 'postgres', url: database.url }).initialize();
  });

  afterAll(async () => {
    await dataSource.destroy();
    await drop();
  });

  const start = async (embedded: DynamicModule): Promise<unknown> => {
    @Global()
    @Module({
      providers: [{ provide: getDataSourceToken('host'), useFactory: () => dataSource }],
      exports: [getDataSourceToken('host')],
    })
    class DataModule {}
    @Module({ imports: [DataModule, embedded] })
    class HostModule {}
    const options = { logger: false as const, abortOnError: false };
    const app = await NestFactory.create(HostModule, options);
    return app.init();
  };

  it('with all that is wrong named at once, and no secret told', async () => {
    const wrong = { ...OPTIONS, ...WIRING, pepper: 'tiny-secret', cacheMax: -1 };
    const error: unknown = await start(ScimTokensModule.forRoot(wrong)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(ScimTokensOptionsError);
    expect(String(error)).toMatch(/cacheMax takes/);
    expect(String(error)).toMatch(/pepper takes/);
    expect(String(error)).not.toContain('tiny-secret');
  });

  it('with the name of a data source that there is not', async () => {
    const module = ScimTokensModule.forRoot({ ...OPTIONS, dataSource: 'elsewhere' });
    await expect(start(module)).rejects.toThrow(/dataSource takes the name .* "elsewhere" is none/);
  });

  it('with static options among those that come later', async () => {
    const useFactory = () => ({ ...OPTIONS, path: 'elsewhere' });
    const module = ScimTokensModule.forRootAsync({ useFactory, ...WIRING });
    await expect(start(module)).rejects.toThrow(/path stands beside useFactory/);
  });

  it('with options that are made anew for every request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {
      create(): ScimTokensModuleOptions {
        return OPTIONS;
      }
    }
    for (const registration of [
      { useClass: PerRequest },
      { inject: [REQUEST], useFactory: () => OPTIONS },
    ]) {
      const module = ScimTokensModule.forRootAsync({ ...registration, ...WIRING });
      await expect(start(module)).rejects.toThrow(/request-scoped/);
    }
  });
});

describe('What a host may choose', () => {
  it('puts the routes elsewhere', async () => {
    const moved = await withModule({ ...OPTIONS, path: '/internal/tokens/' });
    const made = await create(moved, undefined, '/platform/internal/tokens/');
    expect(made.status).toBe(201);
    expect(
      (await moved.call('GET', `/platform/internal/tokens/${String(made.body.id)}`)).status,
    ).toBe(200);
    expect((await moved.call('GET', TOKENS)).status).toBe(404);
  });

  it('mounts no controller, and needs neither base URL nor JWT for the verifier alone', async () => {
    const module = ScimTokensModule.forRoot({ ...WIRING, controllers: [], runMigrations: true });
    const verifying = await host('express', [module, ProbeModule]);
    expect(
      Object.keys(verifying.document.paths).filter((path) => path.includes('scim-tokens')),
    ).toEqual([]);
    expect((await verifying.call('GET', TOKENS)).status).toBe(404);
    const probe = await verifying.call('GET', '/platform/v2/tenants/tnt_a/probe', { jwt: null });
    expect(probe.status).toBe(401);
  });

  it('describes what reverse proxies ask only where it is served', async () => {
    const verify = {
      verifySecret: 'proxy-secret-of-thirty-two-bytes-or-more',
      verifyUriHeader: 'X-Original-URI',
    } as const;
    const path = '/platform/api/v1/scim-tokens/verify';
    expect((await withModule(OPTIONS)).document.paths).not.toHaveProperty([path]);
    expect((await withModule({ ...OPTIONS, ...verify })).document.paths).toHaveProperty([path]);
  });

  it('describes its operations without their schemas, and serves them all the same', async () => {
    const full = (await withModule(OPTIONS)).document;
    const small = await withModule({ ...OPTIONS, swagger: 'operations' });
    expect(Object.keys(small.document.paths)).toEqual(Object.keys(full.paths));
    expect(Object.keys(small.document.components!.schemas!).sort()).toEqual([
      'CreateProject',
      'Project',
      'ValidationError',
    ]);
    expect(
      (small.document.paths[TOKENS] as { post: { requestBody: object } }).post.requestBody,
    ).toEqual({ required: true, content: { 'application/json': { schema: { type: 'object' } } } });
    const statuses = ({ paths }: OpenAPIObject) =>
      Object.values(paths).flatMap((item) =>
        Object.values(item as Record<string, { responses: object }>).map(({ responses }) =>
          Object.keys(responses),
        ),
      );
    expect(statuses(small.document)).toEqual(statuses(full));
    expect(JSON.stringify(small.document).length * 3).toBeLessThan(JSON.stringify(full).length);
    const made = await create(small);
    expect(made.status).toBe(201);
    expect((await small.call('DELETE', `${TOKENS}/${String(made.body.id)}`)).status).toBe(204);
  });

  it('mounts the six operations alone', async () => {
    const { document } = await withModule({ ...OPTIONS, controllers: ['admin'] });
    const operations = Object.entries(document.paths)
      .filter(([path]) => path.includes('scim-tokens'))
      .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
    expect(operations).toHaveLength(6);
  });

  it('names its token endpoint where that is, or bearer tokens alone where it mounts none', async () => {
    const inform = async (options: Partial<ScimTokensModuleOptions & ScimTokensExtras>) => {
      const { call } = await withModule({ ...OPTIONS, ...options });
      const { body } = await call('GET', `${TOKENS}/endpoint-info?tenant_id=tnt_a`);
      const info = JSON.parse(body) as {
        authentication: { oauth: { token_endpoint: string } | null };
        providers: { methods: object[] }[];
      };
      return { call, ...info };
    };
    const served = await inform({});
    const endpoint = served.authentication.oauth?.token_endpoint ?? '';
    expect(endpoint).toBe('https://host.example.com/platform/api/v1/scim-tokens/oauth/token');
    const { pathname } = new URL(endpoint);
    expect((await served.call('POST', pathname, { jwt: null })).status).toBe(400);
    const elsewhere = await inform({ publicUrl: 'https://tokens.example.com' });
    expect(elsewhere.authentication.oauth?.token_endpoint).toBe(
      `https://tokens.example.com${pathname}`,
    );
    for (const without of [{ oauth: false } as const, { controllers: ['admin'] } as const]) {
      const { call, authentication, providers } = await inform(without);
      expect(authentication.oauth).toBeNull();
      expect(providers.map(({ methods }) => methods.length)).toEqual(providers.map(() => 1));
      expect((await call('POST', pathname, { jwt: null })).status).toBe(404);
    }
  });

  it('authenticates administrators by what its own guard left on the request', async () => {
    class HostUser extends AdminAuthentication {
      authenticate(request: { headers: { 'x-user'?: string } }): AdminClaims | null {
        const sub = request.headers['x-user'];
        return sub === undefined ? null : { sub, role: 'tenant_admin', tenant_id: 'tnt_h' };
      }
    }
    const { jwt: _, ...options } = OPTIONS;
    const own = await withModule({ ...options, adminAuthentication: new HostUser() });
    expect((await own.call('GET', TOKENS)).body).toBe('{"detail":"Not authenticated"}');
    expect((await own.call('GET', TOKENS, { headers: { 'x-user': '' } })).status).toBe(401);
    const made = await own.call('POST', TOKENS, {
      body: { name: 'Okta' },
      headers: { 'x-user': 'u-1' },
    });
    expect(JSON.parse(made.body)).toMatchObject({ tenant_id: 'tnt_h', created_by: 'u-1' });
  });

  it('refuses more failures of its authentication, and nobody whom it knows', async () => {
    const adminAuthentication = {
      authenticate: ({ headers }: { headers: { 'x-user'?: string } }): AdminClaims => {
        if (headers['x-user'] === undefined) throw new UnauthorizedException();
        return { sub: headers['x-user'], role: 'super_admin' };
      },
    };
    const { jwt: _, ...options } = OPTIONS;
    const own = await withModule({ ...options, adminAuthentication, rateLimitPerMinute: 3 });
    const statuses = [];
    for (let turn = 0; turn < 5; turn++) statuses.push((await own.call('GET', TOKENS)).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await own.call('GET', TOKENS, { headers: { 'x-user': 'u-1' } })).status).toBe(200);
  });

  it('brings its own tenant directory and clock, from its own modules', async () => {
    class Directory extends TenantDirectory {
      find = (id: string) => (id === 'tnt_known' ? { id } : null);
      tenantIdsOfPartner = () => [];
    }
    class Noon extends Clock {
      now = () => new Date('2030-01-01T12:00:00.000Z');
    }
    @Module({ providers: [Directory, Noon], exports: [Directory, Noon] })
    class PortsModule {}
    const module = ScimTokensModule.forRootAsync({
      imports: [PortsModule],
      inject: [Directory, Noon],
      useFactory: (tenantDirectory: Directory, clock: Noon) => ({
        ...OPTIONS,
        tenantDirectory,
        clock,
      }),
      ...WIRING,
    });
    const own = await host('express', [module]);
    expect(await create(own)).toEqual({ status: 404, body: { detail: 'Tenant not found' } });
    const made = await create(own, { name: 'Okta', tenant_id: 'tnt_known' });
    expect(made.body).toMatchObject({ created_at: '2030-01-01T12:00:00.000Z' });
  });

  it('hears of what happens to tokens, and is told again where it fails', async () => {
    const heard: ScimTokenEvent[] = [];
    let failures = 1;
    class Listener extends ScimTokenEventListener {
      handle(event: ScimTokenEvent): void {
        if (failures-- > 0) throw new Error('The listener is not ready');
        heard.push(event);
      }
    }
    const clock = new MovingClock();
    const own = await withModule({ ...OPTIONS, clock, eventListener: new Listener() });
    const made = await create(own);
    expect(made.status).toBe(201);
    const id = String(made.body.id);
    await own.call('PATCH', `${TOKENS}/${id}`, { body: { name: 'Entra' } });
    await own.call('DELETE', `${TOKENS}/${id}`);
    // Five seconds until the next try, in half a second.
    await until(() => {
      clock.advance(SECOND / 5);
      return heard.length === 3;
    });
    expect(heard.map(({ type }) => type).sort()).toEqual([
      'scim_token.created',
      'scim_token.revoked',
      'scim_token.updated',
    ]);
    for (const { data } of heard) expect(data).toMatchObject({ token_id: id, tenant_id: 'tnt_a' });
    expect(JSON.stringify(heard)).not.toContain(String(made.body.token));
  });
});

describe("A host's SQL log", () => {
  it('shows what a request causes, and nothing of what comes by the clock', async () => {
    const logged: string[] = [];
    const silent = (): void => undefined;
    const logger = {
      logQuery: (sql: string) => void logged.push(sql),
      logQueryError: silent,
      logQuerySlow: silent,
      logSchemaBuild: silent,
      logMigration: silent,
      log: silent,
    };
    class Listener extends ScimTokenEventListener {
      handle = silent;
    }
    const module = ScimTokensModule.forRoot({
      ...OPTIONS,
      ...WIRING,
      eventListener: new Listener(),
      expiryScanSeconds: 1,
      cacheTtlSeconds: 1,
    });
    const own = await host('express', [module], (options) => ({
      ...options,
      logging: true,
      logger,
    }));
    const sent = jest.spyOn(Client.prototype, 'query');
    const times = (text: string): number =>
      sent.mock.calls.filter(([statement]) => JSON.stringify(statement).includes(text)).length;
    logged.length = 0;
    // The proof of hearing, a look for events, and a scan.
    await until(() =>
      ['pg_notify', 'next_try_at <=', 'reported_count AND hour'].every((text) => times(text) > 1),
    );
    sent.mockRestore();
    expect(logged).toEqual([]);
    expect((await create(own)).status).toBe(201);
    expect(logged.join()).toContain('INSERT INTO "host_data"."acme_app_scim_tokens"');
  });
});

describe('Two registrations in one host', () => {
  it('each guard the routes of the modules that import them, by their own tenant parameter', async () => {
    const register = (tenantParam: string, schema: string) =>
      ScimTokensModule.forRoot({
        dataSource: 'host',
        controllers: [],
        runMigrations: true,
        tenantParam,
        schema,
      });
    @Controller('customers/:customer/scim')
    @UseGuards(ScimTokenGuard)
    class CustomersController {
      @Get()
      @RequireScimScopes()
      list(): object {
        return {};
      }
    }
    @Controller('partners/:partner/scim')
    @UseGuards(ScimTokenGuard)
    class PartnersController {
      @Get()
      @RequireScimScopes()
      list(): object {
        return {};
      }
    }
    @Module({
      imports: [register('customer', 'customer_tokens')],
      controllers: [CustomersController],
    })
    class CustomersModule {}
    @Module({ imports: [register('partner', 'partner_tokens')], controllers: [PartnersController] })
    class PartnersModule {}

    const two = await host('express', [CustomersModule, PartnersModule]);
    for (const path of ['customers/tnt_a', 'partners/tnt_b']) {
      const answer = await two.call('GET', `/platform/v2/${path}/scim`);
      expect([answer.status, answer.body]).toEqual([401, expect.stringContaining('schemas')]);
    }
  });
});

describe('A host on Fastify, which takes a slash at the end for another path', () => {
  @Controller({ path: 'users/:id/tokens', version: '2' })
  class UserTokensController {
    @Get()
    list(): object {
      return {};
    }
  }
  @Module({ controllers: [UserTokensController] })
  class UserTokensModule {}

  it("serves our routes with it and without, in every registration, and a route of the host's as before", async () => {
    const at = (path: string, schema: string) => {
      const paths = { path, publicPath: `${path}-public`, swagger: false } as const;
      return ScimTokensModule.forRoot({ ...OPTIONS, ...paths, dataSource: 'host', schema });
    };
    const two = await host('fastify', [
      at('tokens', 'one'),
      at('internal/tokens', 'other'),
      UserTokensModule,
    ]);
    const paths = ['tokens', 'internal/tokens', 'v2/users/1/tokens'].flatMap((path) => [
      `/platform/${path}`,
      `/platform/${path}/`,
    ]);
    const statuses = await Promise.all(
      paths.map(async (path) => (await two.call('GET', path)).status),
    );
    expect(statuses).toEqual([200, 200, 200, 200, 200, 404]);
  });
});

/** TypeORM before 0.3.8 knows no name for a foreign key, and wants a one-to-one relation unique twice. */
const { version } = JSON.parse(
  readFileSync(join(__dirname, '../../node_modules/typeorm/package.json'), 'utf8'),
) as { version: string };
const KNOWN_DRIFT = /^0\.3\.[0-7]$/.test(version) ? / (ADD|DROP) CONSTRAINT "(FK|fk|UQ)_/ : null;

describe('The tables', () => {
  it("are made at start in the data source's schema, under its prefix and naming, apart from its history", async () => {
    const own = await withModule(OPTIONS);
    const found = await tables(own);
    expect(found).toEqual(
      expect.arrayContaining(['host_data.acme_app_scim_tokens', 'host_data.scim_token_migrations']),
    );
    expect(found.filter((name) => name.startsWith('public.'))).toEqual([]);
    expect((await create(own)).status).toBe(201);
  });

  it('lie in another schema where the host wants them there', async () => {
    const own = await withModule({ ...OPTIONS, schema: 'tokens_elsewhere' });
    const found = (await tables(own)).filter((name) => name.includes('scim_token'));
    expect(found.filter((name) => !name.startsWith('tokens_elsewhere.'))).toEqual([]);
    expect((await create(own)).status).toBe(201);
    expect((await own.call('GET', '/platform/v1/projects')).body).toBe('[]');
  });

  it("stand in the host's own history where it lists our entities and migrations, without drift", async () => {
    const database = await createEmptyDatabase();
    const dataSource = new DataSource({
      ...hostDataSource(database.url),
      entities: [...SCIM_TOKEN_ENTITIES],
      migrations: [...SCIM_TOKEN_MIGRATIONS],
      migrationsTableName: 'host_history',
      synchronize: false,
    });
    await dataSource.initialize();
    try {
      await dataSource.query('CREATE SCHEMA host_data');
      const ran = await dataSource.runMigrations();
      expect(ran).toHaveLength(SCIM_TOKEN_MIGRATIONS.length);
      const drift = await dataSource.driver.createSchemaBuilder().log();
      const found = drift.upQueries.map(({ query }) => query);
      expect(found.filter((query) => KNOWN_DRIFT?.test(query) !== true)).toEqual([]);
      for (const _ of ran) await dataSource.undoLastMigration();
      const left = await dataSource.query<unknown[]>(
        `SELECT FROM information_schema.tables WHERE table_name LIKE '%scim_token%'`,
      );
      expect(left).toEqual([]);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });

  it('are made once by hosts that start together', async () => {
    const database = await createEmptyDatabase();
    const dataSource = new DataSource({
      type: 'postgres',
      url: database.url,
      schema: 'made_by_us',
    });
    await dataSource.initialize();
    try {
      const ran = await Promise.all([1, 2, 3].map(() => runScimTokenMigrations(dataSource)));
      expect(ran.map((names) => names.length).sort()).toEqual([0, 0, SCIM_TOKEN_MIGRATIONS.length]);
    } finally {
      await dataSource.destroy();
      await database.drop();
    }
  });
});
