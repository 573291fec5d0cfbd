import type { AllowedIpsMode, ScimScope } from '../../core/token';
import { ApiSchema } from '../../http/openapi-decorators';
import { NotBoth } from '../../http/validation/decorators';
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
    'When it stops working: with an offset, in the future, at most the longest lifetime ahead. Not together with `expires_in_days`; with neither the token gets the default lifetime.',
  )
  expires_at?: Date | null;

  @ExpiresInDaysField()
  expires_in_days?: number | null;

  @AllowedIpsField()
  allowed_ips?: string[];

  @AllowedIpsModeField({ default: 'enforce' })
  allowed_ips_mode?: AllowedIpsMode;
}
