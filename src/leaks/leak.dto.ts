import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { IsRequired, IsText } from '../http/validation/decorators';
import { REASON_MAX } from '../scim-tokens/dto/revoke-scim-token-query.dto';

/** Longer than any body: what cannot be a value is not found, like an unknown one. */
const VALUE_MAX = 16 * 1024 ** 2;
const VALUE = {
  type: String,
  description: 'The whole value that was found, as an identity provider would send it.',
  example: 'scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
} as const;

/** A value that someone found. */
@ApiSchema({ name: 'ScimTokenIdentify' })
export class IdentifyDto {
  @ApiProperty(VALUE)
  @IsRequired()
  @IsText({ max: VALUE_MAX })
  token: string;
}

/** A value to revoke, and why. */
@ApiSchema({ name: 'ScimTokenRevokeByValue' })
export class RevokeByValueDto {
  @ApiProperty(VALUE)
  @IsRequired()
  @IsText({ max: VALUE_MAX })
  token: string;

  @ApiProperty({
    type: String,
    minLength: 1,
    maxLength: REASON_MAX,
    description: 'Why, as `revocation_reason` will show it.',
    example: 'Found in a build log',
  })
  @IsRequired()
  @IsText({ min: 1, max: REASON_MAX })
  reason: string;
}
