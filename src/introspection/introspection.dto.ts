import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import {
  IsAddress,
  IsAnyText,
  IsOmittable,
  IsRequired,
  IsText,
} from '../http/validation/decorators';
import { TENANT_ID_MAX } from '../core/tenant-directory';

/** Longest list of scopes, in characters. */
const SCOPE_MAX = 1000;

/** What a resource server sends to learn of a token, RFC 7662 §2.1. */
@ApiSchema({ name: 'ScimTokenIntrospectionRequest' })
export class IntrospectionDto {
  @ApiProperty({
    description: 'What stands after `Bearer `. Any text is answered.',
    example: 'scim_4fJ2kQ9xLm0Z8sWq1Zt6Yb3Rn5Vc7Xd9Fg2Hj4Kl6Mp0aBcDeF',
  })
  @IsRequired()
  @IsAnyText()
  token: string;

  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: TENANT_ID_MAX,
    description:
      "The tenant whose routes the token was presented at: another tenant's is not active.",
    example: 'tnt_a',
  })
  @IsOmittable()
  @IsText({ min: 1, max: TENANT_ID_MAX })
  tenant_id?: string;

  @ApiProperty({
    required: false,
    description:
      "The SCIM client's address, also with the port, brackets or zone that a proxy writes. Without it a token with `allowed_ips` is not active. Kept as `last_used_ip`.",
    example: '203.0.113.7',
  })
  @IsOmittable()
  @IsAddress()
  ip?: string;

  @ApiProperty({
    required: false,
    description:
      "The SCIM client's user agent, kept as `last_used_user_agent` up to 512 characters.",
    example: 'Okta SCIM Client 1.0.0',
  })
  @IsOmittable()
  @IsText({ max: Infinity })
  user_agent?: string;

  @ApiProperty({
    required: false,
    minLength: 1,
    maxLength: SCOPE_MAX,
    description:
      'Scopes that the request needs, separated by spaces: the token must have them all.',
    example: 'users:write',
  })
  @IsOmittable()
  @IsText({ min: 1, max: SCOPE_MAX })
  scope?: string;
}
