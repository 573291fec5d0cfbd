import { IDENTITY_PROVIDERS, type IdentityProviderId } from '../../core/identity-providers';
import { LANGUAGES, type Language } from '../../core/languages';
import { AUTH_METHODS, type AuthMethod, type ScimScope } from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import {
  IsAnyText,
  IsInteger,
  IsNullable,
  IsText,
  IsWord,
  Read,
  rule,
} from '../../http/validation/decorators';
import { HasMembers, NotBoth } from '../../http/validation/dto-structure';
import { inputContextOf } from '../../http/validation/input-context';
import { Rejected } from '../../http/validation/read-values';
import {
  AllowedIpsField,
  ExpiresInDaysField,
  NameField,
  ScopesField,
  TenantIdField,
} from '../../scim-tokens/dto/token-fields.decorator';

/** Hours that a link works where nothing else is said: a week. */
const EXPIRES_IN_HOURS = 168;
/** Longest `return_url`, in characters. */
const URL_MAX = 2048;

/** What a token that a link makes gets. */
@ApiSchema({ name: 'ScimSetupLinkToken' })
export class SetupLinkTokenDto {
  @NameField({ isRequired: false })
  name?: string;

  @ScopesField()
  scopes?: ScimScope[];

  @AllowedIpsField()
  allowed_ips?: string[];

  @ExpiresInDaysField()
  expires_in_days?: number | null;
}

/** What an administrator sends to make a link. */
@ApiSchema({ name: 'ScimSetupLinkCreate' })
@NotBoth('token_id', 'token')
export class CreateSetupLinkDto {
  @TenantIdField('The tenant whose identity provider it connects.')
  tenant_id?: string | null;

  @ApiProperty({
    enum: IDENTITY_PROVIDERS,
    required: false,
    nullable: true,
    description: 'The identity provider, as endpoint-info names it; without it the page asks.',
    example: 'okta',
  })
  @IsWord(IDENTITY_PROVIDERS)
  @IsNullable()
  provider?: IdentityProviderId | null;

  @ApiProperty({
    enum: AUTH_METHODS,
    required: false,
    nullable: true,
    description:
      "How it proves itself, one of the provider's methods; without it the page asks. With `token_id` the token's own, which need not be said.",
    example: 'bearer',
  })
  @IsWord(AUTH_METHODS)
  @HasOAuth()
  @IsNullable()
  auth_method?: AuthMethod | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    description:
      'A token to renew: the link gives it a new value, and makes none. Not together with `token`.',
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  @IsAnyText()
  @IsNullable()
  token_id?: string | null;

  @ApiProperty({
    type: 'integer',
    required: false,
    minimum: 1,
    maximum: 720,
    default: EXPIRES_IN_HOURS,
    description: 'Hours that the link works.',
  })
  @IsInteger({ min: 1, max: 720 })
  expires_in_hours = EXPIRES_IN_HOURS;

  @ApiProperty({
    enum: LANGUAGES,
    required: false,
    nullable: true,
    description: "The page's language; without it the browser's.",
    example: 'de',
  })
  @IsWord(LANGUAGES)
  @IsNullable()
  language?: Language | null;

  @ApiProperty({
    type: String,
    required: false,
    nullable: true,
    format: 'uri',
    maxLength: URL_MAX,
    description:
      'Where the page leads back to: an https URL of one of the origins in `SETUP_RETURN_ORIGINS`.',
    example: 'https://app.example.com/settings/provisioning',
  })
  @IsText({ max: URL_MAX })
  @Read(readHttpsUrl)
  @IsAllowedToReturnTo()
  @IsNullable()
  return_url?: string | null;

  @ApiProperty({
    type: SetupLinkTokenDto,
    required: false,
    nullable: true,
    description:
      "What a token that the link makes gets, as in a create; its name is the provider's without one. Nothing else can be had by the link.",
  })
  @HasMembers(SetupLinkTokenDto)
  @IsNullable()
  token?: SetupLinkTokenDto | null;
}

/** As the browser will read it: spelled out, so that what was checked is what is followed. */
function readHttpsUrl(text: unknown): unknown {
  if (typeof text !== 'string') return text;
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.password === '';
  return isPlain ? url.href : new Rejected('bad_return_url');
}

/** What is too long is wrong by that alone. */
function IsAllowedToReturnTo(): PropertyDecorator {
  return rule(
    'bad_return_url',
    (value, { object }) =>
      typeof value !== 'string' ||
      value.length > URL_MAX ||
      inputContextOf(object).mayReturnTo(value),
  );
}

function HasOAuth(): PropertyDecorator {
  return rule(
    'oauth_off',
    (value, { object }) =>
      (value !== 'client_credentials' && value !== 'workload_identity') ||
      inputContextOf(object).issuers !== null,
  );
}
