import { AUTH_METHODS, SCIM_SCOPES, type AuthMethod, type ScimScope } from '../core/token';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';

/** A field of a provider's admin console. */
@ApiSchema({ name: 'ScimTokenProviderField' })
export class IdentityProviderFieldResponse {
  @ApiProperty({ description: 'As the console shows it.', example: 'Tenant URL' })
  label: string;

  @ApiProperty({
    description: 'What to enter.',
    example: 'https://scim.example.com/api/v1/tenants/tnt_a/scim/v2?aadOptscim062020',
  })
  value: string;
}

/** One way in which a provider proves itself. */
@ApiSchema({ name: 'ScimTokenProviderMethod' })
export class IdentityProviderMethodResponse {
  @ApiProperty({
    enum: AUTH_METHODS,
    description: "The token's `auth_method` for it.",
    example: 'client_credentials',
  })
  auth_method: AuthMethod;

  @ApiProperty({
    description: 'Whether it is the one to take: true for one of them.',
    example: true,
  })
  recommended: boolean;

  @ApiProperty({ type: [IdentityProviderFieldResponse], description: 'What to enter where.' })
  fields: IdentityProviderFieldResponse[];

  @ApiProperty({
    type: [String],
    description: 'What to do, in order.',
    example: ['Press "Test Connection", then "Create".'],
  })
  steps: string[];

  @ApiProperty({
    type: [String],
    description: 'What is worth knowing, and how sure it is.',
    example: ['"OAuth 2.0 scopes" may stay empty.'],
  })
  notes: string[];
}

/** What to do in one provider's admin console. */
@ApiSchema({ name: 'ScimTokenProvider' })
export class IdentityProviderResponse {
  @ApiProperty({ description: 'Stable id.', example: 'entra' })
  id: string;

  @ApiProperty({ description: 'As the vendor writes it.', example: 'Microsoft Entra ID' })
  name: string;

  @ApiProperty({ type: [IdentityProviderFieldResponse], description: 'What to enter where.' })
  fields: IdentityProviderFieldResponse[];

  @ApiProperty({
    type: [String],
    description: 'What to do, in order.',
    example: ['Press "Test Connection", then "Create".'],
  })
  steps: string[];

  @ApiProperty({
    enum: SCIM_SCOPES,
    isArray: true,
    description: 'What the token must be allowed, else the connection test fails.',
    example: ['users:read', 'users:write'],
  })
  required_scopes: ScimScope[];

  @ApiProperty({
    type: [String],
    description: 'What is worth knowing, and how sure it is.',
    example: ['While "Secret Token" is empty Entra sends a JWT of its own, which is refused.'],
  })
  notes: string[];

  @ApiProperty({
    type: [IdentityProviderMethodResponse],
    description:
      'Each way in which it can prove itself, the recommended one first. `fields`, `steps` and `notes` beside them are those of a bearer token.',
  })
  methods: IdentityProviderMethodResponse[];
}
