import { ApiProperty, ApiSchema } from '../../common/openapi-decorators';
import {
  IsBool,
  IsFutureInstant,
  IsInteger,
  IsListOf,
  IsNullable,
  IsOmittable,
  IsText,
  IsWord,
  IsWordList,
  NotBoth,
} from '../../common/validation';
import { readNetwork } from '../../common/validation/read-network';
import {
  ALLOWED_IPS_MODES,
  SCIM_SCOPES,
  type AllowedIpsMode,
  type ScimScope,
} from '../scim-token.constants';
import { FIELD } from './field-docs';

/** What an administrator sends to change a token; a field left out stays. Lists are replaced whole. */
@ApiSchema({ name: 'ScimTokenUpdate' })
@NotBoth('expires_at', 'expires_in_days')
export class UpdateScimTokenDto {
  @ApiProperty({ ...FIELD.name, required: false })
  @IsOmittable()
  @IsText({ min: 1, max: 255 })
  name?: string;

  @ApiProperty({ ...FIELD.description, required: false })
  @IsText({ max: 1000 })
  @IsNullable()
  description?: string | null;

  @ApiProperty({ ...FIELD.scopes, required: false })
  @IsOmittable()
  @IsWordList(SCIM_SCOPES, { min: 1 })
  scopes?: ScimScope[];

  @ApiProperty({
    ...FIELD.expires_at,
    required: false,
    description:
      "When it stops working: with an offset, in the future, at most the longest lifetime after the current secret's creation. Not together with `expires_in_days`.",
  })
  @IsOmittable()
  @IsFutureInstant()
  expires_at?: Date;

  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'False switches the token off until it is switched on again.',
    example: true,
  })
  @IsOmittable()
  @IsBool()
  enabled?: boolean;

  @ApiProperty({ ...FIELD.allowed_ips, required: false })
  @IsOmittable()
  @IsListOf(readNetwork, { max: 100 })
  allowed_ips?: string[];

  @ApiProperty({ ...FIELD.allowed_ips_mode, required: false })
  @IsOmittable()
  @IsWord(ALLOWED_IPS_MODES)
  allowed_ips_mode?: AllowedIpsMode;

  @ApiProperty({ ...FIELD.expires_in_days, required: false })
  @IsOmittable()
  @IsInteger({ min: 1, max: 3650 })
  expires_in_days?: number;
}
