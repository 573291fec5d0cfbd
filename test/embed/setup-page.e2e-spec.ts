import { Controller, Get, Module, VERSION_NEUTRAL, type INestApplication } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import helmet from 'helmet';
import { ScimTokensModule, type ScimTokensModuleOptions } from '../../src';
import { HOST_SECRET } from './support/host.module';
import { ADAPTERS, startHost, type Adapter, type Host, type RawAnswer } from './support/start-host';

const OPTIONS: ScimTokensModuleOptions = {
  baseUrlTemplate: 'https://host.example.com/platform/tenants/{tenant_id}/scim/v2',
  jwt: { key: { secret: HOST_SECRET } },
  runMigrations: true,
};
const SETUP = { ...OPTIONS, setup: { frameAncestors: ['https://app.example.com'] } };
const WIRING = { dataSource: 'host', isGlobal: true };
const ANYONE = { jwt: null };

@Controller({ path: 'setup', version: VERSION_NEUTRAL })
class HostsOwnPage {
  @Get()
  show(): object {
    return { page: 'of the host' };
  }
}

@Module({ controllers: [HostsOwnPage] })
class HostsOwnPageModule {}

/** Headers of the host's own, which are stricter than the page's, wherever its adapter has them set. */
function withHeadersOfItsOwn(adapter: Adapter) {
  return (app: INestApplication): void => {
    // What helmet would send too is ours to send where there is none.
    app.use(helmet({ noSniff: false, referrerPolicy: false }));
    if (adapter === 'express') return;
    const fastify = (app as NestFastifyApplication).getHttpAdapter().getInstance();
    fastify.addHook('onRequest', (_request, reply, done) => {
      void reply.header('x-frame-options', 'DENY').header('vary', 'Origin');
      done();
    });
  };
}

/** What a document links to, resolved as a browser does. */
function linksOf({ body }: RawAnswer, path: string): string[] {
  return [...body.matchAll(/(?:src|href|content)="((?:\.\.\/|setup|scim|assets|api|v1)[^"]*)"/g)]
    .map(([, link = '']) => new URL(link, `http://host${path}`).pathname)
    .sort();
}

const headersOf = ({ headers }: RawAnswer): Record<string, string> =>
  Object.fromEntries(
    headers.map((header) => {
      const [name = '', ...value] = header.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );

describe.each(ADAPTERS)('The setup page in a host on %s', (adapter) => {
  const withHost = async (
    embedded: Parameters<typeof startHost>[1],
    look: (host: Host) => Promise<void>,
    options: Parameters<typeof startHost>[3] = {},
  ): Promise<void> => {
    const configure = withHeadersOfItsOwn(adapter);
    const host = await startHost(adapter, embedded, undefined, { configure, ...options });
    try {
      await look(host);
    } finally {
      await host.close();
    }
  };

  const MOUNTED = {
    'where it lies by default': [
      ScimTokensModule.forRoot({ ...SETUP, ...WIRING }),
      '/platform/setup',
      '/platform/api/v1/scim-setup',
    ],
    'where the host wants it': [
      ScimTokensModule.forRootAsync({
        useFactory: () => SETUP,
        ...WIRING,
        setupPath: 'connect/scim',
        publicPath: 'v1/scim-tokens',
      }),
      '/platform/connect/scim',
      '/platform/v1/scim-setup',
    ],
  } as const;

  it.each(Object.entries(MOUNTED))('is served below prefix and versions %s', (_, mounted) => {
    const [module, page, api] = mounted;
    return withHost([module], async ({ call }) => {
      for (const path of [page, `${page}/`]) {
        const answer = await call('GET', path, ANYONE);
        expect([path, answer.status]).toEqual([path, 200]);
        const headers = headersOf(answer);
        expect(headers).toMatchObject({
          'content-type': 'text/html; charset=utf-8',
          'content-security-policy': expect.stringMatching(
            /^default-src 'none'; .+; frame-ancestors https:\/\/app\.example\.com$/,
          ) as string,
          'cache-control': 'no-store',
          'referrer-policy': 'no-referrer',
          'x-content-type-options': 'nosniff',
          'content-length': String(Buffer.byteLength(answer.body)),
        });
        expect(headers).not.toHaveProperty('x-frame-options');
        expect(headers.vary).toMatch(/Accept-Encoding$/);
        const [first, ...others] = linksOf(answer, path);
        const assets = [first, ...others].filter((link) => link !== api);
        expect([first, ...others]).toContain(api);
        expect(assets.length).toBeGreaterThan(2);
        for (const asset of assets) {
          const found = await call('GET', asset!, ANYONE);
          expect([asset, found.status]).toEqual([asset, 200]);
          expect(headersOf(found)['cache-control']).toBe('public, max-age=31536000, immutable');
        }
        const head = await call('HEAD', path, ANYONE);
        expect([head.status, head.body]).toEqual([200, '']);
        expect(headersOf(head)).toEqual(headers);
      }
      expect((await call('POST', page, ANYONE)).status).toBe(404);
      expect((await call('GET', `${page}/assets/x/..%2fmain.js`, ANYONE)).status).toBe(404);
    });
  });

  it('leaves its path to the host until it is asked for', () =>
    withHost(
      [ScimTokensModule.forRoot({ ...OPTIONS, ...WIRING }), HostsOwnPageModule],
      async ({ call }) => {
        const { status, body } = await call('GET', '/platform/setup');
        expect([status, JSON.parse(body)]).toEqual([200, { page: 'of the host' }]);
        expect((await call('GET', '/platform/setup/logo', ANYONE)).status).toBe(404);
      },
    ));

  it('and all that belongs to it is not there where the host leaves out its group, whatever its options say: the log tells', () => {
    const warnings: string[] = [];
    const warn = (message: unknown) => void warnings.push(String(message));
    const logger = { log: () => undefined, error: warn, warn };
    return withHost(
      [
        ScimTokensModule.forRoot({ ...SETUP, ...WIRING, controllers: ['admin', 'lifecycle'] }),
        HostsOwnPageModule,
      ],
      async ({ call, document }) => {
        expect(JSON.parse((await call('GET', '/platform/setup')).body)).toEqual({
          page: 'of the host',
        });
        const links = '/platform/api/v1/admin/scim-tokens/setup-links';
        for (const [method, path] of [
          ['GET', '/platform/setup/logo'],
          ['GET', '/platform/api/v1/scim-setup'],
          ['POST', '/platform/api/v1/scim-setup/token'],
          ['POST', '/platform/api/v1/scim-setup/explain'],
          ['GET', links],
          ['POST', links],
          ['GET', `${links}/sul_019ab3f2c1d07a4e8f20b1c2d3e4f506`],
          ['DELETE', `${links}/sul_019ab3f2c1d07a4e8f20b1c2d3e4f506`],
        ] as const) {
          const body = method === 'POST' ? { tenant_id: 'tnt_a' } : undefined;
          const answer = await call(method, path, { body });
          expect([method, path, answer.status, answer.body]).toEqual([
            method,
            path,
            404,
            expect.any(String),
          ]);
        }
        const paths = Object.keys(document.paths);
        expect(paths.filter((path) => path.includes('setup'))).toEqual(['/platform/setup']);
        expect(warnings).toContainEqual(
          expect.stringMatching(/^The option setup does nothing here: controllers leaves out/),
        );
      },
      { logger },
    );
  });

  it('is not there where a factory did not ask for it', () =>
    withHost(
      [ScimTokensModule.forRootAsync({ useFactory: () => OPTIONS, ...WIRING })],
      async ({ call }) => {
        const { status, body } = await call('GET', '/platform/setup', ANYONE);
        expect([status, body]).toEqual([404, expect.stringContaining('hostError')]);
      },
    ));
});
