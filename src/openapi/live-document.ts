import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ScimTokensController } from '../scim-tokens/scim-tokens.controller';
import { buildDocument } from './document';

/** The address in the committed document: the one a service has that was just started. */
const SERVER_URL = 'http://127.0.0.1:3000';

@Module({ controllers: [ScimTokensController] })
class DocumentedModule {}

/** The document the service answers with, made without starting it: nothing is instantiated. */
export async function liveDocument(): Promise<OpenAPIObject> {
  const app = await NestFactory.create(DocumentedModule, {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  return buildDocument(app, { serverUrl: SERVER_URL });
}
