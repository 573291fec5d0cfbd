import { applyDecorators } from '@nestjs/common';
import {
  ApiBadRequests,
  ApiConflicts,
  ApiErrors,
  ApiErrorsBesidesInput,
} from '../http/operation.docs';
import {
  ApiBody,
  ApiConsumes,
  ApiExtraModels,
  ApiOperation,
  ApiResponse,
  getSchemaPath,
} from '../http/openapi-decorators';
import { ScimTokenResponse } from '../scim-tokens/dto/scim-token.response';
import { SetupLinkResponse } from '../setup/links/setup-link.response';
import { IdentifyDto, RevokeByValueDto } from './leak.dto';

const VALUE = 'scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q';

/** Whose value it is: a token, or a setup link. */
const successOfEither = () =>
  applyDecorators(
    ApiExtraModels(ScimTokenResponse, SetupLinkResponse),
    ApiResponse({
      status: 200,
      description: 'Successful Response',
      schema: {
        oneOf: [ScimTokenResponse, SetupLinkResponse].map((model) => ({
          $ref: getSchemaPath(model),
        })),
      },
    }),
  );

export const IdentifyDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'identify_scim_token',
      summary: 'Identify Scim Token',
      description:
        "Whose value someone found: the token, a revoked one too, or the setup link whose secret it is. Changes nothing. A value that is nobody's, malformed or another tenant's is 404.",
    }),
    ApiBody({
      type: IdentifyDto,
      examples: { found: { summary: 'A value found in a log', value: { token: VALUE } } },
    }),
    successOfEither(),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
  );

export const RevokeByValueDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'revoke_scim_token_by_value',
      summary: 'Revoke Scim Token By Value',
      description:
        "Ends the secret whose value turned up, recorded as `scim_token.leaked`: the current one's token is revoked; the old one of an overlap ends alone, which completes the rotation, and the new one lives on. With a client secret end the access tokens that it got; an access token ends alone, and so does a setup link by its secret. A revoked token's value is 200 again; one that has ended changes nothing, is recorded once, and is 409.",
    }),
    ApiBody({
      type: RevokeByValueDto,
      examples: {
        leak: {
          summary: 'A value found in a build log',
          value: { token: VALUE, reason: 'Found in a build log' },
        },
      },
    }),
    successOfEither(),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
    ApiConflicts('SCIM token value has ended already'),
  );

export const RevokeFoundDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'revoke_found_scim_token',
      summary: 'Revoke Found Scim Token',
      description:
        'Revocation by RFC 7009 for whoever holds a value: possession is the authentication. Ends what `revoke_scim_token_by_value` would end. 200 whether or not there was anything to revoke; without a token that can be read 400 or 415. A JSON object is taken as well.',
      security: [],
    }),
    ApiConsumes('application/x-www-form-urlencoded', 'application/json'),
    ApiBody({
      schema: {
        type: 'object',
        required: ['token'],
        properties: {
          token: { type: 'string', description: 'The value.', example: VALUE },
          token_type_hint: { type: 'string', description: 'Ignored.' },
        },
      },
    }),
    ApiResponse({ status: 200, description: 'Successful Response; no body.' }),
    ApiErrorsBesidesInput(413, 415, 429, 503),
    ApiBadRequests('token must be there once, as text', 'There was an error parsing the body'),
  );
