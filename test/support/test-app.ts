import type { AddressInfo } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { sign, type SignOptions } from 'jsonwebtoken';
import pino from 'pino';
import request from 'supertest';
import { createApp } from '../../src/service/app.setup';
import type { Clock } from '../../src/core/clock';
import { loadConfig } from '../../src/service/config/config';
import { OpenTenantDirectory, type TenantDirectory } from '../../src/core/tenant-directory';
import { hashCheaply } from './cheap-hashes';
import { conformsToDocument } from './conforms';
import { createTestDatabase, databaseVariables } from './test-database';

export const JWT_SECRET = 'e2e-secret-of-thirty-two-bytes-or-more';
export const TOKENS = '/api/v1/admin/scim-tokens/';

export interface TestAppOptions {
  /** Variables on top of the test defaults. Without a cost of bcrypt values are hashed cheaply. */
  env?: Record<string, string>;
  directory?: TenantDirectory;
  clock?: Clock;
  /** Another app's database, where two share one. */
  databaseUrl?: string;
}

export interface TestApp {
  url: string;
  databaseUrl: string;
  /** Everything the app has logged so far. */
  logs(): string;
  /** A supertest client that carries this JWT. */
  as(jwt: string): Client;
  /** One of the app's own providers. */
  provider<Provider>(type: abstract new (...args: never[]) => Provider): Provider;
  /** What the router serves, in its order. */
  routes(): { method: Method; path: string }[];
  /** One of the app's providers. */
  get<Provider>(type: new (...args: never[]) => Provider): Provider;
  close(): Promise<void>;
}

export type Method = 'get' | 'post' | 'patch' | 'delete' | 'put' | 'head' | 'options';
export type Client = Record<Method, (path: string) => request.Test>;

/** Starts the real app on a free loopback port, on a database of its own. */
export async function startTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const database = options.databaseUrl
    ? { url: options.databaseUrl, drop: () => Promise.resolve() }
    : await createTestDatabase();
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const config = loadConfig({
    NODE_ENV: 'test',
    ...databaseVariables(database.url),
    JWT_SECRET,
    RATE_LIMIT_PER_MINUTE: '0',
    SCIM_TOKEN_PEPPER: 'e2e-pepper-of-thirty-two-bytes-or-more',
    ...options.env,
  });
  const { app } = await createApp(
    {
      config,
      databaseUrl: database.url,
      tenantDirectory: options.directory ?? new OpenTenantDirectory(),
      ...(options.clock && { clock: options.clock }),
    },
    logger,
  );
  if (options.env?.SCIM_TOKEN_BCRYPT_COST === undefined) hashCheaply(app);
  await app.listen(0, '127.0.0.1');
  const { port } = app.getHttpServer().address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    databaseUrl: database.url,
    logs: () => lines.join(''),
    as: (jwt) => clientOf(url, jwt),
    provider: (type) => app.get(type, { strict: false }),
    routes: () => routesOf(app),
    get: (type) => app.get(type),
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** Signs a JWT as an administrator's identity provider would. */
export function mintJwt(claims: Record<string, unknown>, options: SignOptions = {}): string {
  return sign({ sub: 'admin@example.com', ...claims }, JWT_SECRET, { expiresIn: '1h', ...options });
}

export const tenantAdmin = (tenant_id = 'tnt_a'): string =>
  mintJwt({ role: 'tenant_admin', tenant_id });
export const superAdmin = (): string => mintJwt({ role: 'super_admin' });
export const partnerAdmin = (partner_id = 'prt_1'): string =>
  mintJwt({ role: 'partner_admin', partner_id });

/** A supertest client that carries this JWT. */
export function clientOf(url: string, jwt: string): Client {
  const agent = request(url);
  const call = (method: Method) => (path: string) =>
    agent[method](path).set('Authorization', `Bearer ${jwt}`).expect(conformsToDocument);
  return {
    get: call('get'),
    post: call('post'),
    patch: call('patch'),
    delete: call('delete'),
    put: call('put'),
    head: call('head'),
    options: call('options'),
  };
}

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
}

function routesOf(app: NestExpressApplication): { method: Method; path: string }[] {
  const { stack } = app.getHttpAdapter().getInstance().router as unknown as { stack: Layer[] };
  return stack.flatMap(({ route }) =>
    Object.keys(route?.methods ?? {}).map((method) => ({
      method: method as Method,
      path: String(route?.path),
    })),
  );
}
