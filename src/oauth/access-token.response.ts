import { ApiProperty, ApiSchema } from '../http/openapi-decorators';

/** An access token, RFC 6749 §5.1. */
@ApiSchema({ name: 'ScimTokenAccessToken' })
export class AccessTokenResponse {
  @ApiProperty({
    description: 'The access token, for `Authorization: Bearer` on the SCIM routes.',
    example: 'scimat_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
  })
  access_token: string;

  @ApiProperty({ description: 'Always `Bearer`.', example: 'Bearer' })
  token_type: 'Bearer';

  @ApiProperty({
    type: 'integer',
    description:
      'Seconds that it lives if nothing changes: `access_token_ttl_seconds`, or what is left of the token.',
    example: 3600,
  })
  expires_in: number;

  @ApiProperty({
    description: 'What it may do, separated by spaces.',
    example: 'users:read users:write groups:read groups:write',
  })
  scope: string;
}

/** An error of the token endpoint, RFC 6749 §5.2. */
@ApiSchema({ name: 'ScimTokenOAuthError' })
export class OAuthErrorResponse {
  @ApiProperty({ description: 'What is wrong, in a word of RFC 6749.', example: 'invalid_client' })
  error: string;

  @ApiProperty({
    description: 'The same for people. Never holds what was sent.',
    example: 'Client authentication failed',
  })
  error_description: string;
}
