import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  LIFECYCLE_TAG,
  OAUTH_TAG,
  SCIM_TOKENS_TAG,
  SETUP_LINKS_TAG,
  SETUP_TAG,
  VERIFICATION_TAG,
} from '../../admin/admin-api.decorator';
import { SETUP_LINK_SECRET } from '../../setup/session/setup-link.guard';
import { ownManifest } from '../../core/own-package';
import { OpenTenantDirectory } from '../../core/tenant-directory';
import { AppModule } from '../app.module';
import { loadConfig } from '../config/config';
import { withExamples } from './examples';
import { toOpenApi31 } from './to-openapi-31';

/** What the document calls the service, and which it is. */
export const TITLE = 'SCIM Tokens';
export const { version: VERSION } = ownManifest();

/** Never connected to, never signed with: a preview instantiates nothing. */
const DATABASE_URL = 'postgres://127.0.0.1/none';
const JWT_SECRET = 'only-to-satisfy-the-configuration';

/** The OpenAPI 3.1 document of the service. */
export function buildDocument(
  app: INestApplication,
  { serverUrl }: { readonly serverUrl: string },
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(TITLE)
    .setDescription(
      'Mints, lists, narrows and revokes the bearer tokens with which identity providers push users and groups over SCIM 2.0.',
    )
    .setVersion(VERSION)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(serverUrl)
    .addTag(SCIM_TOKENS_TAG, 'What administrators do with SCIM tokens.')
    .addTag(LIFECYCLE_TAG, 'What happens to SCIM tokens over time: history, incidents, imports.')
    .addTag(VERIFICATION_TAG, 'What checks SCIM tokens for resource servers and reverse proxies.')
    .addTag(
      SETUP_LINKS_TAG,
      "Links by which a customer's IT contact connects an identity provider.",
    )
    .addTag(SETUP_TAG, 'What the setup page calls, with the secret of its link.')
    .addTag(OAUTH_TAG, 'What gives identity providers access tokens for their credentials.')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An admin JWT; in development `npm run token -- --role super_admin` prints one.',
    })
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'The secret of a setup link.' },
      SETUP_LINK_SECRET,
    );
  const document = SwaggerModule.createDocument(app, builder.build());
  return withExamples(toOpenApi31(withContractNames(withCollectionSlash(document))));
}

/**
 * The document of the service, made from its own modules without starting it. Its server
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

const COLLECTION = '/api/v1/admin/scim-tokens';

/** The contract writes the collection with its slash; it is served with and without. */
function withCollectionSlash(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries(document.paths).map(
    ([path, item]) => [path === COLLECTION ? `${path}/` : path, item] as const,
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/**
 * The contract's names of two schemas. The module calls them otherwise, since a host may well have schemas
 * of these names.
 */
const CONTRACT_NAMES: Readonly<Record<string, string>> = {
  ScimTokenHTTPValidationError: 'HTTPValidationError',
  ScimTokenValidationError: 'ValidationError',
};
const REFERENCE = '#/components/schemas/';

/** Gives the contract's two error schemas their names, and their titles, which Nest gives none. */
function withContractNames(document: OpenAPIObject): OpenAPIObject {
  const renamed = JSON.parse(JSON.stringify(document), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value;
    const name = value.slice(REFERENCE.length);
    return `${REFERENCE}${CONTRACT_NAMES[name] ?? name}`;
  }) as OpenAPIObject;
  const { schemas = {} } = renamed.components ?? {};
  const named: typeof schemas = {};
  for (const [name, schema] of Object.entries(schemas)) {
    const title = CONTRACT_NAMES[name];
    named[title ?? name] = title === undefined ? schema : { ...schema, title };
  }
  return { ...renamed, components: { ...renamed.components, schemas: named } };
}
