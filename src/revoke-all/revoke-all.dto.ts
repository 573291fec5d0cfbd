import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { IsRequired, IsText } from '../http/validation/decorators';
import { REASON_MAX } from '../scim-tokens/dto/revoke-scim-token-query.dto';
import { TenantIdField } from '../scim-tokens/dto/token-fields.decorator';

/** Whose tokens to revoke, and why. */
@ApiSchema({ name: 'ScimTokenRevokeAll' })
export class RevokeAllDto {
  @TenantIdField('The tenant.')
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
