import { ApiProperty, ApiSchema } from '../../common/openapi-decorators';
import {
  IsFutureInstant,
  IsInteger,
  IsListOf,
  IsNullable,
  IsOmittable,
  IsRequired,
  IsRequiredTenant,
  IsText,
  IsWithinMaxTtl,
  IsWord,
  IsWordList,
  NotBoth,
} from '../../common/validation';
import { readNetwork } from '../../common/validation/read-network';
import { TENANT_ID_MAX } from '../../tenancy/tenant-id';
import {
  ALLOWED_IPS_MODES,
  SCIM_SCOPES,
  type AllowedIpsMode,
  type ScimScope,
} from '../scim-token.constants';
import { FIELD } from './field-docs';

/** What an administrator sends to mint a token. */
@ApiSchema({ name: 'ScimTokenCreate' })
@NotBoth('expires_at', 'expires_in_days')
export class CreateScimTokenDto {
  @ApiProperty(FIELD.name)
  @IsRequired()
  @IsText({ min: 1, max: 255 })
  name: string;

  @ApiProperty({ ...FIELD.description, required: false })
  @IsText({ max: 1000 })
  @IsNullable()
  description?: string | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    minLength: 1,
    maxLength: TENANT_ID_MAX,
    description:
      'The tenant the token is for. Required, but for a tenant_admin, whose JWT names it; a tenant_admin may send the same one.',
    example: 'tnt_a',
  })
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string | null;

  @ApiProperty({ ...FIELD.scopes, required: false })
  @IsOmittable()
  @IsWordList(SCIM_SCOPES, { min: 1 })
  scopes?: ScimScope[];

  @ApiProperty({
    ...FIELD.expires_at,
    required: false,
    nullable: true,
    description:
      'When it stops working: with an offset, in the future, at most the longest lifetime ahead. Not together with `expires_in_days`; with neither the token gets the default lifetime.',
  })
  @IsFutureInstant()
  @IsWithinMaxTtl('expires_in_days')
  @IsNullable()
  expires_at?: Date | null;

  @ApiProperty({ ...FIELD.expires_in_days, required: false, nullable: true })
  @IsInteger({ min: 1, max: 3650 })
  @IsWithinMaxTtl('expires_at')
  @IsNullable()
  expires_in_days?: number | null;

  @ApiProperty({ ...FIELD.allowed_ips, required: false })
  @IsOmittable()
  @IsListOf(readNetwork, { max: 100 })
  allowed_ips?: string[];

  @ApiProperty({ ...FIELD.allowed_ips_mode, required: false, default: 'enforce' })
  @IsOmittable()
  @IsWord(ALLOWED_IPS_MODES)
  allowed_ips_mode?: AllowedIpsMode;
}
