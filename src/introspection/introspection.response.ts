import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import type { VerifiedScimToken } from '../verification/scim-token.verifier';

/** What a resource server learns of a token, RFC 7662 §2.2. Of one that is not active it learns nothing else. */
@ApiSchema({ name: 'ScimTokenIntrospection' })
export class IntrospectionResponse {
  @ApiProperty({ description: 'Whether the token is good for what was asked.', example: true })
  active: boolean;

  @ApiProperty({ required: false, description: "The token's tenant.", example: 'tnt_a' })
  tenant_id?: string;

  @ApiProperty({
    required: false,
    description: 'What the token may do, separated by spaces.',
    example: 'users:read users:write',
  })
  scope?: string;

  @ApiProperty({
    required: false,
    description: 'Id of the token.',
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  token_id?: string;

  @ApiProperty({
    required: false,
    description: '`scim` for a value, `Bearer` for an access token.',
    example: 'scim',
  })
  token_type?: string;

  @ApiProperty({
    required: false,
    description: 'Of an access token alone, the client that fetched it: the id of the token.',
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  client_id?: string;

  @ApiProperty({
    required: false,
    type: 'integer',
    description: 'When the presented value was made, in seconds since 1970.',
    example: 1795512600,
  })
  iat?: number;

  @ApiProperty({
    required: false,
    type: 'integer',
    description: 'When the presented value ends if nothing changes, in seconds since 1970.',
    example: 1827048600,
  })
  exp?: number;

  @ApiProperty({
    required: false,
    description: 'Id of the token.',
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  sub?: string;
}

/** The answer for every token that is not accepted, whatever the reason. */
export const INACTIVE: IntrospectionResponse = Object.freeze({ active: false });

/** The answer for an accepted token. */
export function activeToken(token: VerifiedScimToken): IntrospectionResponse {
  return {
    active: true,
    tenant_id: token.tenantId,
    scope: token.scopes.join(' '),
    token_id: token.tokenId,
    ...(token.clientId === undefined
      ? { token_type: 'scim' }
      : { token_type: 'Bearer', client_id: token.clientId }),
    iat: seconds(token.issuedAt),
    exp: seconds(token.expiresAt),
    sub: token.tokenId,
  };
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
