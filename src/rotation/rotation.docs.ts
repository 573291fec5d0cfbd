import { applyDecorators } from '@nestjs/common';
import { ApiConflicts, ApiErrors, success, tokenIdParam } from '../http/operation.docs';
import { ApiBody, ApiOperation } from '../http/openapi-decorators';
import { RotateScimTokenDto } from '../scim-tokens/dto/rotate-scim-token.dto';
import {
  ScimTokenCreatedResponse,
  ScimTokenResponse,
} from '../scim-tokens/dto/scim-token.response';
import { CompleteRotationDto } from './complete-rotation.dto';

export const RotateDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'rotate_scim_token',
      summary: 'Rotate Scim Token',
      description:
        'Makes a new secret, shown once; the old one goes on working for the overlap, or until the change-over is proven. Id, name and scopes stay. An expired token is revived, and only its new secret works.',
    }),
    tokenIdParam(),
    ApiBody({
      type: RotateScimTokenDto,
      required: false,
      examples: {
        usual: { summary: 'A day to change over', value: {} },
        weekend: {
          summary: 'Three days, and a life of 180',
          value: { overlap_hours: 72, expires_in_days: 180 },
        },
        at_once: { summary: 'The old secret ends now', value: { overlap_hours: 0 } },
      },
    }),
    success(201, ScimTokenCreatedResponse),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
    ApiConflicts(
      'SCIM token is revoked',
      'SCIM token is being rotated already',
      'SCIM token has no secret to rotate',
      'Tenant already has 20 active SCIM tokens',
    ),
  );

export const CompleteRotationDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'complete_scim_token_rotation',
      summary: 'Complete Scim Token Rotation',
      description:
        'Ends the old secret now. Access tokens that an old client secret got run out by themselves, or end with it.',
    }),
    tokenIdParam(),
    ApiBody({
      type: CompleteRotationDto,
      required: false,
      examples: {
        usual: { summary: 'Access tokens run out', value: {} },
        leak: { summary: 'They end, too', value: { end_access_tokens: true } },
      },
    }),
    success(200, ScimTokenResponse),
    ApiErrors(401, 403, 404, 413, 415, 429, 503),
    ApiConflicts('SCIM token is revoked', 'SCIM token is not being rotated'),
  );

export const CancelRotationDocs = () =>
  applyDecorators(
    ApiOperation({
      operationId: 'cancel_scim_token_rotation',
      summary: 'Cancel Scim Token Rotation',
      description:
        'Ends the new secret now. The old one is current again, with the expiry that the token had.',
    }),
    tokenIdParam(),
    success(200, ScimTokenResponse),
    ApiErrors(401, 403, 404, 429, 503),
    ApiConflicts(
      'SCIM token is revoked',
      'SCIM token is not being rotated',
      'Tenant already has 20 active SCIM tokens',
    ),
  );
