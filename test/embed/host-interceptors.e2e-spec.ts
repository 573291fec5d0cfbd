import {
  ClassSerializerInterceptor,
  Injectable,
  Module,
  RequestTimeoutException,
  Scope,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_INTERCEPTOR, Reflector } from '@nestjs/core';
import { catchError, from, map, of, switchMap, throwError, timeout, type Observable } from 'rxjs';
import { ScimTokensModule, type ScimTokensExtras, type ScimTokensModuleOptions } from '../../src';
import { HOST_SECRET } from './support/host.module';
import { until } from '../support/until';
import { ADAPTERS, startHost, type Adapter, type Host, type RawAnswer } from './support/start-host';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const PUBLIC = '/platform/api/v1/scim-tokens';
const FORM = 'application/x-www-form-urlencoded';
const OPTIONS: ScimTokensModuleOptions & Partial<ScimTokensExtras> = {
  baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: HOST_SECRET } },
  runMigrations: true,
  dataSource: 'host',
  isGlobal: true,
  // But for the first one no use is written while answers are compared.
  usageFlushSeconds: 3600,
};

type Intercept = (context: ExecutionContext, next: CallHandler) => Observable<unknown>;

const passing: Intercept = (_, next) => next.handle();

const serializing = (options: ConstructorParameters<typeof ClassSerializerInterceptor>[1]) => {
  const interceptor = new ClassSerializerInterceptor(new Reflector(), options);
  return (context: ExecutionContext, next: CallHandler) => interceptor.intercept(context, next);
};

/** Waits for every promise in an answer, whatever it is an answer of. */
async function settled(value: unknown): Promise<unknown> {
  const awaited: unknown = await value;
  if (typeof awaited !== 'object' || awaited === null) return awaited;
  const entries = Object.entries(awaited).map(async ([key, part]) => [key, await part] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** What hosts have around their handlers. */
const INTERCEPTORS: Readonly<Record<string, Intercept>> = {
  'serializes with excludeAll': serializing({ strategy: 'excludeAll' }),
  'serializes with exposeAll': serializing({ strategy: 'exposeAll' }),
  'serializes with excludeExtraneousValues': serializing({ excludeExtraneousValues: true }),
  'serializes with excludePrefixes': serializing({ excludePrefixes: ['t', 'i', '_'] }),
  'wraps bodies': (_, next) => next.handle().pipe(map((data) => ({ success: true, data }))),
  'resolves promises in bodies': (_, next) =>
    next.handle().pipe(switchMap((v) => from(settled(v)))),
  'reads a property of the body': (_, next) =>
    next.handle().pipe(map((body: { message: string }) => ({ message: body.message, body }))),
  'throws after the handler': (_, next) =>
    next.handle().pipe(switchMap(() => throwError(() => new Error('too late')))),
  'gives up after a millisecond': (_, next) =>
    next.handle().pipe(
      timeout(1),
      catchError(() => throwError(() => new RequestTimeoutException())),
    ),
  'makes a success of every error': (_, next) =>
    next.handle().pipe(catchError(() => of({ success: false }))),
  'answers from a cache of its own': () => of({ cached: true }),
};

let intercept = passing;

@Injectable()
class Switched implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return intercept(context, next);
  }
}

@Injectable({ scope: Scope.REQUEST })
class SwitchedPerRequest extends Switched {}

/** Both kinds at once: Nest keeps them in different places. */
@Module({
  providers: [
    { provide: APP_INTERCEPTOR, useClass: Switched },
    { provide: APP_INTERCEPTOR, useClass: SwitchedPerRequest },
  ],
})
class InterceptedModule {}

/** What differs from one token to the next. */
function anonymous({ status, headers, body }: RawAnswer): RawAnswer {
  const blank = (text: string) =>
    text
      .replace(/sct_[0-9a-f]+|evt_[0-9a-f]+/g, '<id>')
      .replace(/scim_[\w-]+/g, '<token>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
      .replace(/"(iat|exp)":\d+/g, '"$1":0')
      .replace(/"(\w*last_four|hash|prev_hash)":("[^"]*"|\{[^}]*\})/g, '"$1":0')
      // As long as what stands for a tenant's name and the time.
      .replace(/(content-length|etag: W).*/i, '$1');
  return { status, headers: headers.map(blank), body: blank(body) };
}

/** Every operation, on a tenant of its own, and what it answered. */
async function everyOperation({ call }: Host, tenant: string): Promise<[string, RawAnswer][]> {
  const answers: [string, RawAnswer][] = [];
  const ask = async (...[method, path, options]: Parameters<Host['call']>) => {
    const headers = { 'x-request-id': 'test' };
    const answer = await call(method, path, { ...options, headers });
    answers.push([`${method} ${path.replaceAll(tenant, 'tnt')}`, answer]);
    return answer;
  };
  const made = async (name: string) => {
    const answer = await ask('POST', TOKENS, { body: { name, tenant_id: tenant } });
    return JSON.parse(answer.body) as { id: string; token: string };
  };
  const first = await made('First');
  const second = await made('Second');
  const at = `${TOKENS}/${first.id}`;
  await ask('POST', TOKENS, { body: { name: 1, tenant_id: tenant } });
  await ask('GET', `${TOKENS}?tenant_id=${tenant}`);
  await ask('GET', at);
  await ask('HEAD', at);
  await ask('GET', at, { jwt: null });
  await ask('GET', `${TOKENS}/sct_nope`);
  await ask('GET', `${TOKENS}/endpoint-info?tenant_id=${tenant}`);
  await ask('PATCH', at, { body: { name: 'Renamed' } });
  await ask('POST', `${at}/rotate`, { body: {} });
  await ask('POST', `${at}/rotation/complete`);
  await ask('DELETE', `${at}/rotation`);
  await ask('POST', `${TOKENS}/identify`, { body: { token: second.token } });
  await ask('POST', `${PUBLIC}/introspect`, { body: `token=${second.token}`, type: FORM });
  await until(async () => {
    const { body } = await call('GET', `${TOKENS}/${second.id}`);
    return (JSON.parse(body) as { last_used_at: string | null }).last_used_at !== null;
  });
  await ask('POST', `${PUBLIC}/revoke`, { body: `token=${second.token}`, type: FORM });
  await ask('POST', `${PUBLIC}/introspect`, { body: `token=${second.token}`, type: FORM });
  await ask('POST', `${TOKENS}/revoke-by-value`, { body: { token: second.token, reason: 'x' } });
  await ask('DELETE', at);
  await ask('POST', `${TOKENS}/revoke-all`, { body: { tenant_id: tenant, reason: 'x' } });
  await ask('POST', `${TOKENS}/import`, { body: { tokens: [{}] } });
  await ask('GET', `${at}/events`);
  await ask('GET', `${TOKENS}/events?tenant_id=${tenant}`);
  await ask('GET', `${TOKENS}/events/export?tenant_id=${tenant}`);
  return answers.map(([name, answer]) => [
    name.replace(/sct_[0-9a-f]+/g, '<id>'),
    anonymous({ ...answer, body: answer.body.replaceAll(tenant, 'tnt') }),
  ]);
}

describe.each(ADAPTERS)('In a host on %s with a global interceptor', (adapter: Adapter) => {
  let host: Host;
  let plain: [string, RawAnswer][];

  beforeAll(async () => {
    intercept = passing;
    host = await startHost(adapter, [ScimTokensModule.forRoot(OPTIONS), InterceptedModule]);
    plain = await everyOperation(host, 'plain-tenant');
  });

  afterAll(() => host.close());
  afterEach(() => {
    intercept = passing;
  });

  it('answers what is right without it', () => {
    const statuses = plain.map(([name, { status }]) => `${status} ${name}`);
    expect(statuses.filter((line) => line.startsWith('5'))).toEqual([]);
    expect(plain[0]![1]).toMatchObject({ status: 201, body: expect.stringContaining('<token>') });
    expect(plain.at(-1)![1]).toMatchObject({
      status: 200,
      body: expect.stringMatching(/^(\{.*\}\n)+$/),
    });
  });

  it.each(Object.keys(INTERCEPTORS))(
    'every answer of ours is the same, where it %s',
    async (name) => {
      intercept = INTERCEPTORS[name]!;
      const answers = await everyOperation(host, name.replaceAll(' ', '-'));
      expect(answers).toEqual(plain);
    },
  );

  it("it runs around the host's own handlers as before", async () => {
    intercept = INTERCEPTORS['wraps bodies']!;
    const { body } = await host.call('GET', '/platform/v1/projects');
    expect(JSON.parse(body)).toEqual({ success: true, data: { success: true, data: [] } });
  });
});

it('A host that asks for it has its global interceptors around our handlers', async () => {
  const asked = { ...OPTIONS, setup: {}, globalInterceptors: true };
  const embedded = ScimTokensModule.forRoot(asked);
  const host = await startHost('express', [embedded, InterceptedModule]);
  try {
    intercept = INTERCEPTORS['wraps bodies']!;
    const { body } = await host.call('GET', TOKENS);
    expect(JSON.parse(body)).toMatchObject({ success: true, data: { data: { items: [] } } });
    const made = await host.call('POST', `${TOKENS}/setup-links`, { body: { tenant_id: 'tnt_a' } });
    const { url } = (JSON.parse(made.body) as { data: { data: { url: string } } }).data.data;
    const page = await host.call('GET', '/platform/api/v1/scim-setup', {
      jwt: null,
      headers: {
        authorization: `Bearer ${new URL(url).hash.slice(1)}`,
        'accept-encoding': 'gzip',
      },
    });
    expect(JSON.parse(page.body)).toMatchObject({ data: { data: { tenant: { id: 'tnt_a' } } } });
  } finally {
    intercept = passing;
    await host.close();
  }
});
