import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  VersioningType,
  type DynamicModule,
  type INestApplication,
  type LoggerService,
  type Type,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { sign } from 'jsonwebtoken';
import { Client } from 'pg';
import type { DataSourceOptions } from 'typeorm';
import { hashCheaply } from '../../support/cheap-hashes';
import { createEmptyDatabase } from '../../support/test-database';
import { HOST_SECRET, hostDataSource, hostModule } from './host.module';

export const ADAPTERS = ['express', 'fastify'] as const;
export type Adapter = (typeof ADAPTERS)[number];

/** An answer as it came over the wire, but for the date. */
export interface RawAnswer {
  status: number | undefined;
  headers: string[];
  body: string;
}

export interface Host {
  document: OpenAPIObject;
  call: (method: string, path: string, options?: CallOptions) => Promise<RawAnswer>;
  sql: <Row>(statement: string) => Promise<Row[]>;
  /** One of the app's own providers, or of ours in it. */
  provider<Provider>(type: abstract new (...args: never[]) => Provider): Provider;
  close: () => Promise<void>;
}

/** What a host says when it makes its app, and does to it before it starts. */
interface HostOptions {
  bodyParser?: boolean;
  logger?: LoggerService;
  configure?: (app: INestApplication) => void;
}

interface CallOptions {
  jwt?: string | null;
  body?: unknown;
  /** Null for a body without one. */
  type?: string | null;
  headers?: Readonly<Record<string, string>>;
}

export const hostJwt = (claims: object = { role: 'super_admin' }): string =>
  sign({ sub: 'admin@example.com', ...claims }, HOST_SECRET, { expiresIn: '1h' });

/** Starts the host on a database of its own. */
export async function startHost(
  adapter: Adapter,
  embedded: readonly (DynamicModule | Type)[],
  adjust: (options: DataSourceOptions) => DataSourceOptions = (options) => options,
  { configure, ...applicationOptions }: HostOptions = {},
): Promise<Host> {
  const database = await createEmptyDatabase();
  const client = new Client(database.url);
  await client.connect();
  await client.query('CREATE SCHEMA host_data');
  const app = await NestFactory.create(
    hostModule(adjust(hostDataSource(database.url)), embedded),
    adapter === 'fastify' ? new FastifyAdapter({ trustProxy: 1 }) : new ExpressAdapter(),
    { logger: false, abortOnError: false, ...applicationOptions },
  );
  if (embedded.length > 0) hashCheaply(app);
  if (adapter === 'express') (app as NestExpressApplication).set('trust proxy', 1);
  configure?.(app);
  app.setGlobalPrefix('platform');
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' });
  const document = SwaggerModule.createDocument(
    app,
    new DocumentBuilder().setTitle('Host').addBearerAuth().build(),
  );
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return {
    document,
    call: (method, path, options = {}) => call(port, method, path, options),
    sql: async <Row>(statement: string) => (await client.query(statement)).rows as Row[],
    provider: (type) => app.get(type, { strict: false }),
    close: async () => {
      await app.close();
      await client.end();
      await database.drop();
    },
  };
}

async function call(
  port: number,
  method: string,
  path: string,
  { jwt = hostJwt(), body, type = 'application/json', headers: sent = {} }: CallOptions,
): Promise<RawAnswer> {
  const payload = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method, path, agent: false }, resolve);
    request.on('error', reject);
    for (const [name, value] of Object.entries(sent)) request.setHeader(name, value);
    if (jwt !== null) request.setHeader('authorization', `Bearer ${jwt}`);
    if (payload !== undefined && type !== null) request.setHeader('content-type', type);
    request.end(payload);
  });
  const headers = answer.rawHeaders.flatMap((name, index, all) =>
    index % 2 === 0 && name.toLowerCase() !== 'date' ? [`${name}: ${all[index + 1] ?? ''}`] : [],
  );
  return { status: answer.statusCode, headers, body: await text(answer) };
}
