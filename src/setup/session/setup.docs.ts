import { applyDecorators } from '@nestjs/common';
import { ApiRefusedLink, ApiErrorsBesidesInput, success } from '../../http/operation.docs';
import { ApiHeader, ApiOperation } from '../../http/openapi-decorators';
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
