import { Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { ScimTokensModule, type ScimTokensModuleOptions } from '../../src';
import { HOST_SECRET, ProbeModule } from './support/host.module';
import { ADAPTERS, hostJwt, startHost, type Adapter, type Host } from './support/start-host';

const TOKENS = '/platform/api/v1/admin/scim-tokens';
const OPTIONS: ScimTokensModuleOptions = {
  baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: HOST_SECRET } },
  runMigrations: true,
};
const WIRING = { dataSource: 'host', isGlobal: true };

@Injectable()
class OptionsFactory {
  create(): ScimTokensModuleOptions {
    return OPTIONS;
  }
}

@Module({
  providers: [{ provide: 'OPTIONS', useValue: OPTIONS }, OptionsFactory],
  exports: ['OPTIONS', OptionsFactory],
})
class OptionsModule {}

const REGISTRATIONS: Readonly<Record<string, () => DynamicModule>> = {
  forRoot: () => ScimTokensModule.forRoot({ ...OPTIONS, ...WIRING }),
  'forRootAsync with useFactory': () =>
    ScimTokensModule.forRootAsync({
      imports: [OptionsModule],
      inject: ['OPTIONS'],
      useFactory: (options: ScimTokensModuleOptions) => Promise.resolve(options),
      ...WIRING,
    }),
  'forRootAsync with useClass': () =>
    ScimTokensModule.forRootAsync({ useClass: OptionsFactory, ...WIRING }),
  'forRootAsync with useExisting': () =>
    ScimTokensModule.forRootAsync({
      imports: [OptionsModule],
      useExisting: OptionsFactory,
      ...WIRING,
    }),
};

/** What a client may send to a host's own routes, good and bad. */
async function answersOf(host: Host): Promise<unknown[]> {
  const answers = [];
  for (const [method, path, options] of [
    ['POST', '/platform/v1/projects', { body: { name: 'Alpha' } }],
    ['POST', '/platform/v1/projects', { body: { name: 'Beta', extra: 1 } }],
    ['POST', '/platform/v1/projects', { body: { name: '' } }],
    ['POST', '/platform/v1/projects', { body: '{' }],
    [
      'POST',
      '/platform/v1/projects',
      { body: 'name=Gamma', type: 'application/x-www-form-urlencoded' },
    ],
    ['POST', '/platform/v1/projects', { body: { name: 'x'.repeat(2 ** 21) } }],
    ['GET', '/platform/v1/projects', {}],
    ['GET', '/platform/v1/projects/', {}],
    ['HEAD', '/platform/v1/projects', {}],
    ['OPTIONS', '/platform/v1/projects', {}],
    ['GET', '/platform/v1/projects', { jwt: null }],
    ['GET', '/platform/v1/projects', { jwt: 'x.y.z' }],
    ['GET', '/platform/v1/projects/broken', {}],
    ['GET', '/platform/v2/whoami', {}],
    ['GET', '/platform/nowhere', {}],
    ['GET', '/', {}],
    ['DELETE', '/platform/v1/projects', {}],
  ] as const) {
    answers.push([method, path, await host.call(method, path, options)]);
  }
  return answers;
}

function parse({ body }: { body: string }): unknown {
  return JSON.parse(body);
}

describe.each(ADAPTERS)(
  'A host on %s with guard, filter, pipe, interceptor and strategy of its own',
  (adapter: Adapter) => {
    let before: unknown[];
    let alone: Host['document'];

    const withHost = async (
      embedded: readonly (DynamicModule | Type)[],
      look: (host: Host) => Promise<void>,
    ): Promise<void> => {
      const host = await startHost(adapter, embedded);
      try {
        await look(host);
      } finally {
        await host.close();
      }
    };

    beforeAll(() =>
      withHost([], async (host) => {
        before = await answersOf(host);
        alone = host.document;
      }),
    );

    it.each(Object.keys(REGISTRATIONS))(
      'answers as before, to the byte, with the module registered by %s',
      (name) =>
        withHost([REGISTRATIONS[name]!(), ProbeModule], async (host) => {
          expect(await answersOf(host)).toEqual(before);
          const made = await host.call('POST', `${TOKENS}/`, {
            body: { name: 'Okta', tenant_id: 'tnt_a' },
          });
          expect(made.status).toBe(201);
          const { id, token } = parse(made) as { id: string; token: string };
          expect(made.headers.map((header) => header.toLowerCase())).toEqual(
            expect.arrayContaining([`location: ${TOKENS}/${id}`, 'cache-control: no-store']),
          );
          for (const path of [TOKENS, `${TOKENS}/`, `${TOKENS}/${id}`, `${TOKENS}/${id}/`]) {
            expect([path, (await host.call('GET', path)).status]).toEqual([path, 200]);
            expect([path, (await host.call('HEAD', path)).status]).toEqual([path, 200]);
          }
          const probe = await host.call('GET', '/platform/v2/tenants/tnt_a/probe', { jwt: token });
          expect(parse(probe)).toEqual({ token_id: id, same: true });
          expect((await host.call('DELETE', `${TOKENS}/${id}`)).status).toBe(204);
          const refused = await host.call('GET', '/platform/v2/tenants/tnt_a/probe', {
            jwt: token,
          });
          expect(refused.status).toBe(401);
          expect(parse(refused)).toMatchObject({
            schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
          });
        }),
    );

    it('has the very document it had where ours is to stay out of it', () =>
      withHost(
        [ScimTokensModule.forRoot({ ...OPTIONS, ...WIRING, swagger: false })],
        async (host) => {
          expect(JSON.stringify(host.document)).toBe(JSON.stringify(alone));
          expect((await host.call('GET', TOKENS)).status).toBe(200);
        },
      ));

    describe('with the module in it', () => {
      let host: Host;

      beforeAll(async () => {
        host = await startHost(adapter, [REGISTRATIONS.forRoot!()]);
      });
      afterAll(() => host.close());

      it('keeps its Swagger document, to which ours is added under names of our own', () => {
        const { document } = host;
        const ours = (paths: string[]) =>
          paths.filter((path) => path.startsWith('/platform/api/v1/'));
        expect(ours(Object.keys(document.paths)).length).toBeGreaterThan(2);
        expect(without(document.paths, ours(Object.keys(document.paths)))).toEqual(alone.paths);
        const schemas = document.components?.schemas ?? {};
        const known = Object.keys(alone.components?.schemas ?? {});
        const added = Object.keys(schemas).filter((name) => !known.includes(name));
        expect(added.length).toBeGreaterThan(5);
        expect(added.filter((name) => !/^Scim(?:Token|Setup)/.test(name))).toEqual([]);
        expect(without(schemas, added)).toEqual(alone.components?.schemas);
        // Ours point to ours: not to a schema of the host's that has the same name.
        const additions = JSON.stringify([
          ours(Object.keys(document.paths)).map((path) => document.paths[path]),
          added.map((name) => schemas[name]),
        ]);
        const references = additions.matchAll(/"#\/components\/schemas\/([^"]+)"/g);
        const named = [...new Set([...references].map(([, name = '']) => name))];
        expect(named.length).toBeGreaterThan(5);
        expect(named.filter((name) => !added.includes(name))).toEqual([]);
      });

      it('reads the address out of whatever its proxy writes', async () => {
        for (const [written, ip] of [
          ['203.0.113.7:51234', '203.0.113.7'],
          ['[2001:db8::1]:443', '2001:db8::1'],
          ['1'.repeat(80), null],
          ['unknown', null],
        ] as const) {
          const made = await host.call('POST', TOKENS, {
            body: { name: 'Okta', tenant_id: 'tnt_a' },
            headers: { 'x-forwarded-for': written },
          });
          expect(made.status).toBe(201);
          const { id } = JSON.parse(made.body) as { id: string };
          const events = await host.call('GET', `${TOKENS}/${id}/events`);
          expect(JSON.parse(events.body).items[0].ip).toBe(ip);
        }
      });

      it("gives our routes our errors, whatever the host's filter and pipe make of theirs", async () => {
        const bodyOf = async (...call: Parameters<Host['call']>) => {
          const answer = await host.call(...call);
          return [answer.status, parse(answer)];
        };
        expect(await bodyOf('GET', TOKENS, { jwt: null })).toEqual([
          401,
          { detail: 'Not authenticated' },
        ]);
        expect(await bodyOf('GET', TOKENS, { jwt: hostJwt({ role: 'guest' }) })).toEqual([
          403,
          { detail: 'Insufficient permissions' },
        ]);
        expect(await bodyOf('POST', TOKENS, { body: { extra: 1 } })).toEqual([
          422,
          {
            detail: [
              { loc: ['body', 'name'], msg: 'Field required', type: 'missing' },
              { loc: ['body', 'tenant_id'], msg: 'Field required', type: 'missing' },
              {
                loc: ['body', 'extra'],
                msg: 'Extra inputs are not permitted',
                type: 'extra_forbidden',
              },
            ],
          },
        ]);
        expect(await bodyOf('GET', `${TOKENS}/?page=0&nope=1`)).toMatchObject([
          422,
          { detail: [{ loc: ['query', 'page'] }] },
        ]);
        expect(await bodyOf('GET', `${TOKENS}/sct_nope`)).toEqual([
          404,
          { detail: 'SCIM token not found' },
        ]);
      });
    });
  },
);

function without<Value>(
  entries: Record<string, Value>,
  names: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !names.includes(name)));
}
