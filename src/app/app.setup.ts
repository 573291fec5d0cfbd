import { NotFoundException } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { ApiExceptionFilter } from '../common/api-exception.filter';
import { rawBody } from '../common/http/raw-body.middleware';
import { buildDocument } from '../openapi/document';
import { DOCS_CONTENT_SECURITY_POLICY, setupSwaggerUi } from '../openapi/swagger-ui';
import { ADMIN_PATH } from '../scim-tokens/admin-api.decorator';
import { IMPORT_BODY_LIMIT_BYTES } from '../scim-tokens/imports/import.controller';
import { AppModule, type AppParts } from './app.module';
import { ServiceAdapter } from './http-server';
import { NestLogger } from './logger';
import { ServiceMetrics } from './metrics/service-metrics';
import { proxyTrust } from './proxy-trust';
import { requestLog } from './request-log.middleware';
import { tolerateBadEscapes } from './tolerate-bad-escapes.middleware';

const IMPORT_PATH = `/${ADMIN_PATH}/import`;

/** Builds the service's HTTP app, ready to listen. The tests start the same one. */
export async function createApp(parts: AppParts, logger: Logger): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(parts),
    new ServiceAdapter(),
    { bodyParser: false, logger: new NestLogger(logger), abortOnError: false },
  );
  const { config } = parts;
  const { http } = config;
  app.disable('x-powered-by');
  // Paths are compared as they are, as in the backend whose clients move here. Nest has made the router
  // by now, which no longer looks at the setting of that name.
  Object.assign(app.getHttpAdapter().getInstance().router, { caseSensitive: true });
  // An entity tag is the token's version, or none: hashing each answer would cost and tell nothing.
  app.disable('etag');
  app.set('trust proxy', proxyTrust(http.trustProxy));

  app.use(requestLog(logger, app.get(ServiceMetrics)));
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
  app.use(
    rawBody((path) =>
      path.replace(/\/$/, '') === IMPORT_PATH
        ? Math.max(http.bodyLimitBytes, IMPORT_BODY_LIMIT_BYTES)
        : http.bodyLimitBytes,
    ),
  );
  app.useGlobalFilters(new ApiExceptionFilter(app.get(HttpAdapterHost)));
  if (config.docsEnabled) {
    app.use('/docs', helmet({ contentSecurityPolicy: DOCS_CONTENT_SECURITY_POLICY }));
    setupSwaggerUi(app, buildDocument(app, { serverUrl: http.publicUrl }));
  }

  await app.init();
  return app;
}
