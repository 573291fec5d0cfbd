import type { IdentityProviderId } from '../../core/identity-providers';
import type { AllowedIpsMode, AuthMethod, ScimScope } from '../../core/token';
import { ApiSchema } from '../../http/openapi-decorators';
import { IsNullable } from '../../http/validation/decorators';
import { NotBoth } from '../../http/validation/dto-structure';
import { AccessTokenTtlField, AuthMethodField, TrustField } from './connection-fields.decorator';
import { ProviderField, QuietAfterHoursField } from './health-fields.decorator';
import {
  AllowedIpsField,
  AllowedIpsModeField,
  DescriptionField,
  ExpiresAtField,
  ExpiresInDaysField,
  NameField,
  ScopesField,
  TenantIdField,
} from './token-fields.decorator';
import type { TrustDto } from './trust.dto';

/** What an administrator sends to mint a token. */
@ApiSchema({ name: 'ScimTokenCreate' })
@NotBoth('expires_at', 'expires_in_days')
export class CreateScimTokenDto {
  @NameField({ isRequired: true })
  name: string;

  @DescriptionField()
  description?: string | null;

  @TenantIdField('The tenant the token is for.')
  tenant_id?: string | null;

  @ScopesField()
  scopes?: ScimScope[];

  @ExpiresAtField(
    'When it stops working: with an offset, in the future, at most the longest lifetime ahead. Not together with `expires_in_days`; with neither the token gets the default lifetime. Null is never for workload_identity, no choice for bearer, and refused for client_credentials.',
    IsNullable(({ auth_method }) => auth_method === 'client_credentials'),
  )
  expires_at?: Date | null;

  @ExpiresInDaysField()
  expires_in_days?: number | null;

  @AllowedIpsField()
  allowed_ips?: string[];

  @AllowedIpsModeField({ default: 'enforce' })
  allowed_ips_mode?: AllowedIpsMode;

  @AuthMethodField()
  auth_method?: AuthMethod;

  @AccessTokenTtlField()
  access_token_ttl_seconds?: number | null;

  @TrustField()
  trust?: TrustDto | null;

  @ProviderField()
  provider?: IdentityProviderId | null;

  @QuietAfterHoursField('Without a choice 6 for entra, null for the others.')
  quiet_after_hours?: number | null;
}
