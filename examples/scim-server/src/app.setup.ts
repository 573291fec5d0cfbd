import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { json } from 'express';
import { AuthorizationServerMetadata } from 'nest-scim-tokens';
import { AppModule } from './app.module';
import type { Config } from './config';
import { LeanExpressAdapter } from './express-adapter';
import { keepRawBody } from './scim/http/raw-body';
import { alikeScimRequests } from './scim/http/scim-request.middleware';

/** Builds the app, ready to listen. */
export async function createApp(config: Config): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(
    AppModule.forRoot(config),
    new LeanExpressAdapter(),
    { bodyParser: false, abortOnError: false, logger: ['error', 'warn', 'log'] },
  );
  app.disable('x-powered-by');
  // Entity tags are the resources' versions: hashing each answer would cost and tell nothing.
  app.disable('etag');
  app.use('/api/v1/tenants', alikeScimRequests, keepRawBody);
  app.use('/api/v1/admin', json({ limit: '64kb' }));
  app.use(
    '/.well-known/oauth-authorization-server',
    app.get(AuthorizationServerMetadata).middleware,
  );
  app.enableShutdownHooks();
  await app.init();
  return app;
}
