import { Controller, Get, Header, NotFoundException } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { OAUTH_TAG } from '../admin/admin-api.decorator';
import { success } from '../http/operation.docs';
import {
  AuthorizationServerMetadata,
  AuthorizationServerMetadataResponse,
  METADATA_PATH,
} from '../oauth/authorization-server-metadata';

/** The metadata document, at the root of the service. */
@Controller(METADATA_PATH)
@ApiTags(OAUTH_TAG)
export class AuthorizationServerController {
  constructor(private readonly metadata: AuthorizationServerMetadata) {}

  @Get()
  @ApiOperation({
    operationId: 'get_oauth_authorization_server',
    summary: 'Get Oauth Authorization Server',
    description: 'Where the token endpoint is and what it takes, RFC 8414.',
    security: [],
  })
  @success(200, AuthorizationServerMetadataResponse)
  @ApiResponse({
    status: 404,
    description: 'Connections by OAuth are switched off.',
    content: {
      'application/json': {
        schema: { type: 'object', properties: { detail: { type: 'string' } } },
        example: { detail: 'Not Found' },
      },
    },
  })
  @Header('Cache-Control', 'no-store')
  read(): AuthorizationServerMetadataResponse {
    const document = this.metadata.document();
    if (document === null) throw new NotFoundException();
    return document;
  }
}
