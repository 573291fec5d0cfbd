import {
  ALLOWED_IPS_MODES,
  AUTH_METHODS,
  SCIM_SCOPES,
  TOKEN_STATUSES,
  type AllowedIpsMode,
  type AuthMethod,
  type TokenStatus,
} from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { IDENTITY_PROVIDERS, type IdentityProviderId } from '../../core/identity-providers';
import { REFUSAL_REASONS } from '../../core/refusal';
import { HealthResponse } from './health.response';
import { RotationResponse } from '../rotation.response';
import { TrustResponse } from './trust.dto';

const NOW = '2026-11-24T09:30:00.000Z';
const OPTIONAL_TEXT = { type: String, nullable: true, example: null } as const;
const OPTIONAL_TIME = { ...OPTIONAL_TEXT, format: 'date-time' } as const;

/** Requests that a token in report mode let through. */
@ApiSchema({ name: 'ScimTokenIpReport' })
export class IpReportResponse {
  @ApiProperty({ description: 'How many.', type: 'integer', example: 3 })
  refused: number;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: 'Address of the last one; null where none was given.',
    example: '198.51.100.7',
  })
  last_ip: string | null;

  @ApiProperty({ description: 'When the last one came.', format: 'date-time', example: NOW })
  last_at: string;
}

/** A SCIM token as every answer shows it: never its value, never a hash. */
@ApiSchema({ name: 'ScimToken' })
export class ScimTokenResponse {
  @ApiProperty({
    description: 'Opaque, time-ordered id.',
    example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  id: string;

  @ApiProperty({ description: 'The customer the token belongs to.', example: 'tnt_a' })
  tenant_id: string;

  @ApiProperty({ description: 'What an administrator calls it.', example: 'Okta production' })
  name: string;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'Free text.' })
  description: string | null;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description:
      'Visible start of the value, or of the client secret; null only for imported tokens and workload_identity.',
    example: 'scim_4fJ2kQ9xLm0Z',
  })
  token_prefix: string | null;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description:
      'Last four characters of the value, or of the client secret; null only for imported tokens and workload_identity.',
    example: '1b9Q',
  })
  last_four: string | null;

  @ApiProperty({
    description: 'What the token may do on the SCIM routes.',
    enum: SCIM_SCOPES,
    isArray: true,
    example: ['users:read', 'users:write'],
  })
  scopes: string[];

  @ApiProperty({
    description: 'Networks the token may be used from, as canonical CIDR; empty: from anywhere.',
    type: [String],
    example: ['203.0.113.0/24'],
  })
  allowed_ips: string[];

  @ApiProperty({
    description: 'Derived: revoked, then expired, then disabled, then active.',
    enum: TOKEN_STATUSES,
    example: 'active',
  })
  status: TokenStatus;

  @ApiProperty({ description: 'False while an administrator has switched it off.', example: true })
  enabled: boolean;

  @ApiProperty({
    ...OPTIONAL_TIME,
    description: 'When it stops working; null only for workload_identity: never.',
    example: '2027-11-24T09:30:00.000Z',
  })
  expires_at: string | null;

  @ApiProperty({ description: 'When it was made.', format: 'date-time', example: NOW })
  created_at: string;

  @ApiProperty({
    description: 'When an administrator last changed it.',
    format: 'date-time',
    example: NOW,
  })
  updated_at: string;

  @ApiProperty({ description: "The creating administrator's `sub`.", example: 'admin@example.com' })
  created_by: string;

  @ApiProperty({ ...OPTIONAL_TIME, description: 'Last use, at most a minute late.' })
  last_used_at: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'Address of the last use.' })
  last_used_ip: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'User agent of the last use.' })
  last_used_user_agent: string | null;

  @ApiProperty({ ...OPTIONAL_TIME, description: 'When a check of it last failed.' })
  last_failure_at: string | null;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: `Why that check failed: ${REFUSAL_REASONS.join(', ')}.`,
  })
  last_failure_reason: string | null;

  @ApiProperty({ ...OPTIONAL_TIME, description: 'When it was revoked.' })
  revoked_at: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: "The revoking administrator's `sub`." })
  revoked_by: string | null;

  @ApiProperty({ ...OPTIONAL_TEXT, description: 'Why it was revoked.' })
  revocation_reason: string | null;

  @ApiProperty({
    description:
      'Whether requests from elsewhere are refused (`enforce`) or only counted (`report`).',
    enum: ALLOWED_IPS_MODES,
    example: 'enforce',
  })
  allowed_ips_mode: AllowedIpsMode;

  @ApiProperty({
    description: 'What enforcing `allowed_ips` would have refused; null without any.',
    type: IpReportResponse,
    nullable: true,
    example: null,
  })
  ip_report: IpReportResponse | null;

  @ApiProperty({
    description: 'Where the rotation stands; null where none is under way.',
    type: RotationResponse,
    nullable: true,
  })
  rotation: RotationResponse | null;

  @ApiProperty({
    description:
      'How the identity provider proves itself: by the value (`bearer`), or at the token endpoint by a client secret of ours (`client_credentials`) or an assertion of its own (`workload_identity`).',
    enum: AUTH_METHODS,
    example: 'bearer',
  })
  auth_method: AuthMethod;

  @ApiProperty({
    ...OPTIONAL_TEXT,
    description: 'What it calls itself at the token endpoint: the id. Null for bearer.',
  })
  client_id: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: null,
    description: 'Seconds that an access token lives; null for bearer.',
  })
  access_token_ttl_seconds: number | null;

  @ApiProperty({
    type: TrustResponse,
    nullable: true,
    example: null,
    description: 'Whose assertions it proves itself by; null but for workload_identity.',
  })
  trust: TrustResponse | null;

  @ApiProperty({
    enum: IDENTITY_PROVIDERS,
    nullable: true,
    description: 'Which identity provider holds it; null where nobody said.',
    example: 'entra',
  })
  provider: IdentityProviderId | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    description: 'Hours without a use after which it counts as quiet; null: it never does.',
    example: 6,
  })
  quiet_after_hours: number | null;

  @ApiProperty({
    type: HealthResponse,
    description:
      'Whether the identity provider still comes. Late by a minute and the interval of the scan; leaves the version alone.',
  })
  health: HealthResponse;
}

/** The answer to a create: the only one that holds the value, or the client secret. */
@ApiSchema({ name: 'ScimTokenCreated' })
export class ScimTokenCreatedResponse extends ScimTokenResponse {
  @ApiProperty({
    required: false,
    description:
      'The value to paste into the identity provider, for bearer alone. Shown once; it cannot be read again.',
    example: 'scim_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
  })
  token?: string;

  @ApiProperty({
    required: false,
    description:
      'The secret to enter beside `client_id`, for client_credentials alone. Shown once; it cannot be read again.',
  })
  client_secret?: string;
}
