import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { SCIM_SCOPES } from '../core/token';
import { TokenEndpointUrls } from '../core/token-endpoint-urls';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { ASSERTION_ALGORITHMS } from './assertions/assertion';
import { NO_STORE } from './oauth-error';

/** Where the metadata document stands, below the root of the application (RFC 8414 §3). */
export const METADATA_PATH = '/.well-known/oauth-authorization-server';

/** What clients may find out about the token endpoint, RFC 8414 §2. */
@ApiSchema({ name: 'ScimTokenOAuthMetadata' })
export class AuthorizationServerMetadataResponse {
  @ApiProperty({
    description: 'Who issues the access tokens.',
    example: 'https://scim.example.com',
  })
  issuer: string;

  @ApiProperty({
    description: 'URL of the token endpoint.',
    example: 'https://scim.example.com/api/v1/scim-tokens/oauth/token',
  })
  token_endpoint: string;

  @ApiProperty({ type: [String], example: ['client_credentials'] })
  grant_types_supported: string[];

  @ApiProperty({
    type: [String],
    description: 'How clients authenticate themselves.',
    example: ['client_secret_basic', 'client_secret_post', 'private_key_jwt'],
  })
  token_endpoint_auth_methods_supported: string[];

  @ApiProperty({
    type: [String],
    description: 'Algorithms of assertions.',
    example: [...ASSERTION_ALGORITHMS],
  })
  token_endpoint_auth_signing_alg_values_supported: string[];

  @ApiProperty({
    type: [String],
    description: 'None: there is no authorization endpoint.',
    example: [],
  })
  response_types_supported: string[];

  @ApiProperty({ type: [String], example: [...SCIM_SCOPES] })
  scopes_supported: string[];
}

/** Describes the token endpoint to clients, RFC 8414. */
@Injectable()
export class AuthorizationServerMetadata {
  constructor(
    private readonly urls: TokenEndpointUrls,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /** The document, or null where there are no connections by OAuth. */
  document(): AuthorizationServerMetadataResponse | null {
    if (this.options.oauth === null) return null;
    const { issuer, token_endpoint } = this.urls.of();
    return {
      issuer,
      token_endpoint,
      grant_types_supported: ['client_credentials'],
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      token_endpoint_auth_signing_alg_values_supported: [...ASSERTION_ALGORITHMS],
      response_types_supported: [],
      scopes_supported: [...SCIM_SCOPES],
    };
  }

  /**
   * Middleware that answers with the document, for the root of an application that embeds the module: below
   * its prefix, where our routes are, no client looks.
   */
  readonly middleware = (
    { method = '', url = '' }: IncomingMessage,
    response: ServerResponse,
    next: () => void,
  ): void => {
    const document = this.document();
    // What the application strips of the path, it may leave a slash of.
    if (document === null || !/^\/?(?:\?|$)/.test(url) || !/^(?:GET|HEAD)$/.test(method)) {
      next();
      return;
    }
    response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', ...NO_STORE });
    response.end(method === 'HEAD' ? undefined : JSON.stringify(document));
  };
}
