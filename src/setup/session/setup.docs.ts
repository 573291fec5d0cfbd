import { applyDecorators } from '@nestjs/common';
import {
  ApiConflicts,
  ApiErrors,
  ApiErrorsBesidesInput,
  ApiRefusedLink,
  success,
} from '../../http/operation.docs';
import { ApiBody, ApiHeader, ApiOperation } from '../../http/openapi-decorators';
import { MadeTokenResponse } from './made-token.response';
import { MakeTokenDto } from './make-token.dto';
import { SetupResponse } from './setup.response';

/** Headers of an answer in words for people. */
export const CONTENT_LANGUAGE = {
  'Content-Language': {
    description: 'The language of steps, notes and failures.',
    schema: { type: 'string' },
    example: 'en',
  },
};

/** The header by which a browser says what its reader understands. */
export const AcceptLanguage = () =>
  ApiHeader({
    name: 'Accept-Language',
    required: false,
    description: "Which of en, de, fr, es and ja is wanted; the link's own comes first.",
    schema: { type: 'string', title: 'Accept-Language' },
  });

export const ReadDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'read_scim_setup',
      summary: 'Read Scim Setup',
      description:
        'All that a setup page shows: whose it is, what to do in the console of the identity provider, and how far the connection is.',
    }),
    AcceptLanguage(),
    success(200, SetupResponse, CONTENT_LANGUAGE),
    ApiErrorsBesidesInput(429, 503),
    ApiRefusedLink(),
  );

export const MakeDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'make_scim_setup_token',
      summary: 'Make Scim Setup Token',
      description:
        "Makes the link's one token, or with `replace` another value of it. A link that renews a token makes a new value of that, the first time without `replace`. What is made is shown this once.",
    }),
    ApiBody({
      type: MakeTokenDto,
      examples: {
        bearer: { summary: 'A value for Okta', value: { provider: 'okta' } },
        client: {
          summary: 'A client id and secret for Entra',
          value: { provider: 'entra', auth_method: 'client_credentials' },
        },
        workload: {
          summary: "Entra's own identity",
          value: {
            provider: 'entra',
            auth_method: 'workload_identity',
            trust: {
              issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
              subject: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
              audience: 'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/.default',
            },
          },
        },
        again: { summary: 'Another value', value: { provider: 'okta', replace: true } },
      },
    }),
    success(201, MadeTokenResponse),
    ApiErrors(400, 413, 415, 429, 503),
    ApiRefusedLink(),
    ApiConflicts(
      'Setup link has made a value already',
      'SCIM token is in use with another method',
      'SCIM token is revoked',
      'Tenant already has 20 active SCIM tokens',
    ),
  );
