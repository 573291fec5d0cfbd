import { IDENTITY_PROVIDERS, type IdentityProviderId } from '../../core/identity-providers';
import { AUTH_METHODS, type AuthMethod } from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import {
  IsBool,
  IsNullable,
  IsOmittable,
  IsRequired,
  IsWord,
} from '../../http/validation/decorators';
import { HasMembers } from '../../http/validation/dto-structure';
import { TrustDto } from '../../scim-tokens/dto/trust.dto';

/** What the setup page sends to have a value made. */
@ApiSchema({ name: 'ScimSetupTokenMake' })
export class MakeTokenDto {
  @ApiProperty({
    enum: IDENTITY_PROVIDERS,
    description: 'The identity provider, one that the link is for.',
    example: 'okta',
  })
  @IsRequired()
  @IsWord(IDENTITY_PROVIDERS)
  provider: IdentityProviderId;

  @ApiProperty({
    enum: AUTH_METHODS,
    required: false,
    description:
      "How it proves itself, one of the provider's methods that the link is for; left out, as before, at first the recommended one.",
    example: 'bearer',
  })
  @IsOmittable()
  @IsWord(AUTH_METHODS)
  auth_method?: AuthMethod;

  @ApiProperty({
    type: TrustDto,
    required: false,
    nullable: true,
    description: 'Whose assertions a workload identity proves itself by; for that alone.',
  })
  @HasMembers(TrustDto)
  @IsNullable()
  trust?: TrustDto | null;

  @ApiProperty({
    required: false,
    default: false,
    description:
      'Whether to have another value in place of the one that the link made. One that was never used ends at once, one in use with the usual overlap.',
    example: true,
  })
  @IsOmittable()
  @IsBool()
  replace?: boolean;
}
