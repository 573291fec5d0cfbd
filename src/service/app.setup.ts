import { NotFoundException } from '@nestjs/common';
import type { CorsOptions } from '@nestjs/common/interfaces/external/cors-options.interface';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { ADMIN_PATH } from '../admin/admin-api.decorator';
import { isInNetworks } from '../core/ip-address';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import {
  BodyAllowance,
  type BodyRoom,
  rawBody,
  STRANGER_BODY_BYTES,
} from '../http/raw-body.middleware';
import { IMPORT_BODY_LIMIT_BYTES } from '../imports/import.controller';
import { DEFAULT_EXTRAS } from '../core/scim-tokens.options';
import { buildDocument } from './openapi/document';
import { DOCS_CONTENT_SECURITY_POLICY, setupSwaggerUi } from './openapi/swagger-ui';
import { AppModule, type AppParts } from './app.module';
import type { Connections } from './connections';
import { ServiceAdapter } from './http-server';
import { NestLogger } from './logger';
import { ServiceMetrics } from './metrics/service-metrics';
import { requestLog } from './request-log.middleware';
import { TOKEN_PATH, tolerateBadEscapes } from './route-fallback';

/** Milliseconds between two warnings of connections that are closed at once. */
const DROP_WARNING_MS = 60_000;

/** An import's rows do not fit into the body of the other operations. */
const IMPORT_PATH = `/${ADMIN_PATH}/import`;
/** Take bodies of anyone. */
const REVOKE_PATH = `/${DEFAULT_EXTRAS.publicPath}/revoke`;

/** Bytes of bodies in memory at once: of callers that are not known yet, and of known ones beside them. */
const STRANGERS_BYTES = 32 * 1024 ** 2;
const CALLERS_BYTES = 64 * 1024 ** 2;

/** The service's HTTP app, and what comes in to it. */
export interface ServiceApp {
  readonly app: NestExpressApplication;
  readonly connections: Connections;
}

/** Builds the service's HTTP app, ready to listen. The tests start the same one. */
export async function createApp(parts: AppParts, logger: Logger): Promise<ServiceApp> {
  const { config } = parts;
  const { http } = config;
  const adapter = new ServiceAdapter(http.maxConnections);
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(parts), adapter, {
    bodyParser: false,
    logger: new NestLogger(logger),
    abortOnError: false,
  });
  const { connections } = adapter;
  app.get(ServiceMetrics).watch(connections);
  warnOfDrops(connections, logger);
  app.disable('x-powered-by');
  // Paths are compared as they are, as in the backend whose clients move here. Nest has made the router
  // by now, which no longer looks at the setting of that name.
  Object.assign(app.getHttpAdapter().getInstance().router, { caseSensitive: true });
  // An entity tag is the token's version, or none: hashing each answer would cost and tell nothing.
  app.disable('etag');
  app.set('trust proxy', proxyTrust(http.trustProxy));

  app.use(requestLog(logger, app.get(ServiceMetrics)));
  // Before all that may answer: what is not read here Node would read to the last byte.
  app.use(rawBody(bodyRoom(http.bodyLimitBytes)));
  app.use(helmet());
  if (http.corsOrigins.length > 0) {
    const cors = {
      origin: [...http.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders: ['x-request-id', 'location', 'etag', 'retry-after'],
    };
    // A client secret has no business in a browser.
    app.enableCors(({ path }: Request, choose: (error: null, options: CorsOptions) => void) => {
      choose(null, withoutSlash(path) === TOKEN_PATH ? { origin: false } : cors);
    });
  }
  if (config.tokens.verifySecret === null) {
    // Nothing there, whatever the method: not even a 405 that names the others.
    app.use('/api/v1/scim-tokens/verify', () => {
      throw new NotFoundException();
    });
  }
  app.use(tolerateBadEscapes);
  app.useGlobalFilters(new ApiExceptionFilter(app.get(HttpAdapterHost)));
  if (config.docsEnabled) {
    app.use('/docs', helmet({ contentSecurityPolicy: DOCS_CONTENT_SECURITY_POLICY }));
    // Elsewhere a JWT would outlive the visit, in a storage that every script of the origin can read.
    const keepJwt = config.environment === 'development';
    setupSwaggerUi(app, () => buildDocument(app, { serverUrl: http.publicUrl }), keepJwt);
  }

  await app.init();
  return { app, connections };
}

/** At most once a minute: a flood has many. */
function warnOfDrops(connections: Connections, logger: Logger): void {
  let warnedAt = -Infinity;
  connections.onDrop(() => {
    if (performance.now() - warnedAt < DROP_WARNING_MS) return;
    warnedAt = performance.now();
    logger.warn(
      'Connections are closed at once, since MAX_CONNECTIONS are open: find out whose they are, or raise it',
    );
  });
}

/**
 * What each path takes, and all of them together.
 *
 * @param limitBytes the configured limit
 */
function bodyRoom(limitBytes: number): BodyRoom {
  const limits: Readonly<Record<string, number>> = {
    [IMPORT_PATH]: Math.max(limitBytes, IMPORT_BODY_LIMIT_BYTES),
    [REVOKE_PATH]: Math.min(limitBytes, STRANGER_BODY_BYTES),
    [TOKEN_PATH]: Math.min(limitBytes, STRANGER_BODY_BYTES),
  };
  return {
    limitOf: (path) => limits[withoutSlash(path)] ?? limitBytes,
    strangers: new BodyAllowance(STRANGERS_BYTES),
    callers: new BodyAllowance(CALLERS_BYTES),
  };
}

/** A path is served with and without. */
function withoutSlash(path: string): string {
  return path.replace(/\/$/, '');
}

/** Whether an address in the chain belongs to a proxy that is believed: what Express's `trust proxy` takes. */
type ProxyTrust = false | number | ((address: string) => boolean);

/**
 * What Express is to believe of `X-Forwarded-For`. Express alone reads networks against plain addresses:
 * a proxy that stands in the chain with its port would be taken for the client.
 */
function proxyTrust(setting: false | number | readonly string[]): ProxyTrust {
  if (typeof setting !== 'object') return setting;
  return (address) => isInNetworks(address, setting);
}
