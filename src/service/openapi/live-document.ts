import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { AppModule } from '../app.module';
import { loadConfig } from '../config/config';
import { OpenTenantDirectory } from '../../core/tenant-directory';
import { buildDocument } from './document';

/** Never connected to, never signed with: a preview instantiates nothing. */
const DATABASE_URL = 'postgres://127.0.0.1/none';
const JWT_SECRET = 'only-to-satisfy-the-configuration';

/**
 * The document that the service answers with, made from its own modules without starting it. Its server
 * is the address of a service that was just cloned and started.
 */
export async function liveDocument(): Promise<OpenAPIObject> {
  const unused = { DATABASE_URL, JWT_SECRET, SCIM_TOKEN_PEPPER: JWT_SECRET };
  const config = loadConfig(unused);
  const app = await NestFactory.create(
    AppModule.forRoot({
      config,
      databaseUrl: DATABASE_URL,
      tenantDirectory: new OpenTenantDirectory(),
    }),
    { preview: true, logger: false, abortOnError: false },
  );
  return buildDocument(app, { serverUrl: config.http.publicUrl });
}
