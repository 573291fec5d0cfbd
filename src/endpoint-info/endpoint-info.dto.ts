import { TENANT_ID_MAX } from '../core/tenant-directory';
import { ApiProperty, ApiSchema } from '../http/openapi-decorators';
import { IdentityProviderResponse } from './identity-provider.dto';
import { RecentFailureResponse } from './recent-failure.response';
import { IsRequiredTenant, IsText } from '../http/validation/decorators';

const BASE = 'https://scim.example.com/api/v1/tenants/tnt_a/scim/v2';
/** What the token endpoint takes. */
export const GRANT_TYPES: readonly string[] = ['client_credentials'];
const NULLABLE_TIME = { type: String, nullable: true, format: 'date-time' } as const;

/** Whose endpoint to describe. */
export class EndpointInfoQueryDto {
  @IsText({ min: 1, max: TENANT_ID_MAX })
  @IsRequiredTenant()
  tenant_id?: string;
}

/** Where a tenant's SCIM resources are. */
@ApiSchema({ name: 'ScimTokenEndpoints' })
export class EndpointsResponse {
  @ApiProperty({ description: 'RFC 7644 §4.', example: `${BASE}/ServiceProviderConfig` })
  service_provider_config: string;

  @ApiProperty({ description: 'RFC 7644 §4.', example: `${BASE}/ResourceTypes` })
  resource_types: string;

  @ApiProperty({ description: 'RFC 7644 §4.', example: `${BASE}/Schemas` })
  schemas: string;

  @ApiProperty({ description: 'User resources.', example: `${BASE}/Users` })
  users: string;

  @ApiProperty({ description: 'Group resources.', example: `${BASE}/Groups` })
  groups: string;

  @ApiProperty({ description: 'Bulk operations, where announced.', example: `${BASE}/Bulk` })
  bulk: string;
}

/** Where a client that has no bearer token gets an access token. */
@ApiSchema({ name: 'ScimTokenOAuth' })
export class OAuthResponse {
  @ApiProperty({
    description: 'RFC 6749 §3.2.',
    example: 'https://scim.example.com/api/v1/scim-tokens/oauth/token',
  })
  token_endpoint: string;

  @ApiProperty({
    description: 'RFC 8414 §3.',
    example: 'https://scim.example.com/.well-known/oauth-authorization-server',
  })
  metadata: string;

  @ApiProperty({
    type: [String],
    description: 'What the token endpoint takes.',
    example: GRANT_TYPES,
  })
  grant_types: readonly string[];
}

/** How the identity provider proves itself, and how its tokens stand. */
@ApiSchema({ name: 'ScimTokenAuthentication' })
export class AuthenticationResponse {
  @ApiProperty({ description: "RFC 7643 §5's name of the scheme.", example: 'oauthbearertoken' })
  scheme: 'oauthbearertoken';

  @ApiProperty({
    description: 'The header that carries the token.',
    example: 'Authorization: Bearer <token>',
  })
  header: string;

  @ApiProperty({ description: 'What every new value starts with.', example: 'scim_' })
  token_prefix: string;

  @ApiProperty({ type: 'integer', description: 'Tokens of the tenant that work now.', example: 1 })
  active_tokens: number;

  @ApiProperty({
    ...NULLABLE_TIME,
    description: 'When the first of them expires.',
    example: '2027-11-24T09:30:00.000Z',
  })
  next_expiry: string | null;

  @ApiProperty({
    ...NULLABLE_TIME,
    description: "When one of the tenant's tokens was last used.",
    example: null,
  })
  last_used_at: string | null;

  @ApiProperty({
    type: [RecentFailureResponse],
    description: "What went wrong at the tenant's SCIM routes in the last 24 hours.",
  })
  recent_failures: RecentFailureResponse[];

  @ApiProperty({
    type: OAuthResponse,
    nullable: true,
    description: 'For tokens that are no bearer tokens; null where OAuth is off.',
  })
  oauth: OAuthResponse | null;
}

const ABSENT = { supported: false };

/** Whether a feature is there, RFC 7643 §5. */
@ApiSchema({ name: 'ScimTokenFeature' })
export class FeatureResponse {
  @ApiProperty({ description: 'Whether the server has it.', example: true })
  supported: boolean;
}

/** RFC 7643 §5 `bulk`. */
@ApiSchema({ name: 'ScimTokenBulkFeature' })
export class BulkFeatureResponse extends FeatureResponse {
  @ApiProperty({ type: 'integer', description: 'Most operations in a request.', example: 0 })
  maxOperations: number;

  @ApiProperty({ type: 'integer', description: 'Most bytes in a request.', example: 0 })
  maxPayloadSize: number;
}

/** RFC 7643 §5 `filter`. */
@ApiSchema({ name: 'ScimTokenFilterFeature' })
export class FilterFeatureResponse extends FeatureResponse {
  @ApiProperty({ type: 'integer', description: 'Most resources in an answer.', example: 200 })
  maxResults: number;
}

/** What the SCIM server announces, RFC 7643 §5. */
@ApiSchema({ name: 'ScimTokenCapabilities' })
export class CapabilitiesResponse {
  @ApiProperty({ description: 'PATCH requests.' })
  patch: FeatureResponse;

  @ApiProperty({
    description: 'Bulk requests.',
    example: { ...ABSENT, maxOperations: 0, maxPayloadSize: 0 },
  })
  bulk: BulkFeatureResponse;

  @ApiProperty({ description: 'The filter parameter.' })
  filter: FilterFeatureResponse;

  @ApiProperty({ description: 'Changing passwords.', example: ABSENT })
  change_password: FeatureResponse;

  @ApiProperty({ description: 'Sorting.', example: ABSENT })
  sort: FeatureResponse;

  @ApiProperty({ description: 'ETags.', example: ABSENT })
  etag: FeatureResponse;
}

/** What an administrator pastes into an identity provider. Never holds a value. */
@ApiSchema({ name: 'ScimTokenEndpointInfo' })
export class EndpointInfoResponse {
  @ApiProperty({ description: 'The customer.', example: 'tnt_a' })
  tenant_id: string;

  @ApiProperty({ description: 'Version of the protocol.', example: '2.0' })
  scim_version: '2.0';

  @ApiProperty({ description: "Base URL of the tenant's SCIM routes.", example: BASE })
  base_url: string;

  @ApiProperty({ description: 'Where the resources are.' })
  endpoints: EndpointsResponse;

  @ApiProperty({ description: 'How the provider proves itself, and how its tokens stand.' })
  authentication: AuthenticationResponse;

  @ApiProperty({ description: 'What the SCIM server announces.' })
  capabilities: CapabilitiesResponse;

  @ApiProperty({ description: 'What users are matched by.', example: 'userName' })
  unique_identifier: 'userName';

  @ApiProperty({
    type: [IdentityProviderResponse],
    description: 'What to do in each admin console.',
  })
  providers: IdentityProviderResponse[];
}
