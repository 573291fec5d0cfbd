import { ApiProperty, ApiSchema } from '../../common/openapi-decorators';
import { IsRequired, IsRequiredTenant, IsText } from '../../common/validation';
import { TENANT_ID_MAX } from '../../tenancy/tenant-id';
import { REASON_MAX } from '../dto/revoke-scim-token-query.dto';

/** Whose tokens to revoke, and why. */
@ApiSchema({ name: 'ScimTokenRevokeAll' })
export class RevokeAllDto {
  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    minLength: 1,
    maxLength: TENANT_ID_MAX,
    description:
      'The tenant. Required, but for a tenant_admin, whose JWT names it; a tenant_admin may send the same one.',
    example: 'tnt_a',
  })
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string | null;

  @ApiProperty({
    minLength: 1,
    maxLength: REASON_MAX,
    description: 'Why, as each `revocation_reason` will show it.',
    example: 'Laptop of an administrator stolen',
  })
  @IsRequired()
  @IsText({ min: 1, max: REASON_MAX })
  reason: string;
}

/** How many tokens were revoked. */
@ApiSchema({ name: 'ScimTokensRevoked' })
export class RevokeAllResponse {
  @ApiProperty({ type: 'integer', description: 'Tokens that this request revoked.', example: 3 })
  revoked: number;
}
