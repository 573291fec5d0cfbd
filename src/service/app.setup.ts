import { NotFoundException } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { ApiExceptionFilter } from '../http/api-exception.filter';
import { rawBody } from '../http/raw-body.middleware';
import { buildDocument } from './openapi/document';
import { DOCS_CONTENT_SECURITY_POLICY, setupSwaggerUi } from './openapi/swagger-ui';
import { AppModule, type AppParts } from './app.module';
import { bodyRoom } from './body-limits';
import type { Connections } from './connections';
import { ServiceAdapter } from './http-server';
import { NestLogger } from './logger';
import { ServiceMetrics } from './metrics/service-metrics';
import { proxyTrust } from './proxy-trust';
import { requestLog } from './request-log.middleware';
import { tolerateBadEscapes } from './tolerate-bad-escapes.middleware';

/** Milliseconds between two warnings of connections that are closed at once. */
const DROP_WARNING_MS = 60_000;

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
    app.enableCors({
      origin: [...http.corsOrigins],
      methods: ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'],
      exposedHeaders: ['x-request-id', 'location', 'etag', 'retry-after'],
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
    setupSwaggerUi(app, buildDocument(app, { serverUrl: http.publicUrl }), keepJwt);
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
    logger.warn('Connections are closed at once: there are as many as MAX_CONNECTIONS');
  });
}
