import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { LIFECYCLE_TAG, SCIM_TOKENS_TAG } from '../scim-tokens/admin-api.decorator';
import { toOpenApi31 } from './to-openapi-31';

const { version } = JSON.parse(readFileSync(join(__dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

/** The OpenAPI 3.1 document of the service. */
export function buildDocument(
  app: INestApplication,
  { serverUrl }: { readonly serverUrl: string },
): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('SCIM Tokens')
    .setDescription(
      'Mints, lists, narrows and revokes the bearer tokens with which identity providers push users and groups over SCIM 2.0.',
    )
    .setVersion(version)
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(serverUrl)
    .addTag(SCIM_TOKENS_TAG, 'What administrators do with SCIM tokens.')
    .addTag(LIFECYCLE_TAG, 'What happens to SCIM tokens over time: history, incidents, imports.')
    .addBearerAuth({
      type: 'http',
      scheme: 'bearer',
      bearerFormat: 'JWT',
      description: 'An admin JWT; in development `npm run token -- --role super_admin` prints one.',
    });
  const document = SwaggerModule.createDocument(app, builder.build());
  return toOpenApi31(withTitles(withCollectionSlash(document)));
}

const COLLECTION = '/api/v1/admin/scim-tokens';

/** The contract writes the collection with its slash; it is served with and without. */
function withCollectionSlash(document: OpenAPIObject): OpenAPIObject {
  const paths = Object.entries(document.paths).map(
    ([path, item]) => [path === COLLECTION ? `${path}/` : path, item] as const,
  );
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Nest gives schemas no title; the contract's two error schemas have theirs. */
function withTitles(document: OpenAPIObject): OpenAPIObject {
  const { schemas = {} } = document.components ?? {};
  const titled = ['HTTPValidationError', 'ValidationError'].flatMap((name) =>
    name in schemas ? [[name, { ...schemas[name], title: name }] as const] : [],
  );
  const components = {
    ...document.components,
    schemas: { ...schemas, ...Object.fromEntries(titled) },
  };
  return { ...document, components };
}
