import type { IdentityProviderId } from '../../core/identity-providers';
import type { AllowedIpsMode, ScimScope } from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { IsBool, IsOmittable } from '../../http/validation/decorators';
import { NotBoth } from '../../http/validation/dto-structure';
import { NewAccessTokenTtlField, NewTrustField } from './connection-fields.decorator';
import { ProviderField, QuietAfterHoursField } from './health-fields.decorator';
import {
  AllowedIpsField,
  AllowedIpsModeField,
  DescriptionField,
  NameField,
  NewExpiresAtField,
  NewExpiresInDaysField,
  ScopesField,
} from './token-fields.decorator';
import type { TrustDto } from './trust.dto';

/** What an administrator sends to change a token; a field left out stays. Lists are replaced whole. */
@ApiSchema({ name: 'ScimTokenUpdate' })
@NotBoth('expires_at', 'expires_in_days')
export class UpdateScimTokenDto {
  @NameField({ isRequired: false })
  name?: string;

  @DescriptionField()
  description?: string | null;

  @ScopesField()
  scopes?: ScimScope[];

  @NewExpiresAtField(
    "When it stops working: with an offset, in the future, at most the longest lifetime after the current secret's creation. Not together with `expires_in_days`. Null, never, is for workload_identity alone.",
  )
  expires_at?: Date | null;

  @ApiProperty({
    type: Boolean,
    required: false,
    description: 'False switches the token off until it is switched on again.',
    example: true,
  })
  @IsOmittable()
  @IsBool()
  enabled?: boolean;

  @AllowedIpsField()
  allowed_ips?: string[];

  @AllowedIpsModeField()
  allowed_ips_mode?: AllowedIpsMode;

  @NewExpiresInDaysField()
  expires_in_days?: number;

  @NewAccessTokenTtlField()
  access_token_ttl_seconds?: number;

  @NewTrustField()
  trust?: TrustDto;

  @ProviderField()
  provider?: IdentityProviderId | null;

  @QuietAfterHoursField('A change of `provider` leaves it as it is.')
  quiet_after_hours?: number | null;
}
