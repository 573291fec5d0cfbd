import {
  AUTH_METHODS,
  TOKEN_STATUSES,
  tokenStatus,
  toTokenId,
  type AuthMethod,
  type TokenRow,
  type TokenStatus,
} from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { HealthResponse } from '../../scim-tokens/dto/health.response';
import { toHealth } from '../../scim-tokens/dto/token-answers';
import { toRotation } from '../../scim-tokens/rotation.response';

const TEXT = { type: String, nullable: true } as const;
const TIME = { ...TEXT, format: 'date-time' } as const;

/** Where the change-over to a newer value stands. */
@ApiSchema({ name: 'ScimSetupRotation' })
export class SetupRotationResponse {
  @ApiProperty({
    description: 'Until when the value of before works, too.',
    format: 'date-time',
    example: '2026-11-25T09:30:00.000Z',
  })
  previous_expires_at: string;
}

/** Whose assertions a workload identity proves itself by, as they were entered. */
@ApiSchema({ name: 'ScimSetupTrust' })
export class SetupTrustResponse {
  @ApiProperty({
    description: "The assertions' `iss`.",
    example: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
  })
  issuer: string;

  @ApiProperty({
    description: 'Their `sub`.',
    example: '7c9e6679-7425-40de-944b-e07fc1f90ae7',
  })
  subject: string;

  @ApiProperty({
    description: 'What their `aud` says.',
    example: 'api://6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69/.default',
  })
  audience: string;

  @ApiProperty({ ...TEXT, description: 'Their `tid`; null: as the issuer says.', example: null })
  tenant_id: string | null;

  @ApiProperty({ ...TEXT, description: 'Their `azp` or `appid`; null: anyone.', example: null })
  authorized_party: string | null;
}

/** What a setup link made, or is there to renew. */
@ApiSchema({ name: 'ScimSetupConnection' })
export class SetupConnectionResponse {
  @ApiProperty({ description: "The token's id.", example: 'sct_019ab3f2c1d07a4e8f20b1c2d3e4f506' })
  id: string;

  @ApiProperty({ description: 'What administrators call it.', example: 'Okta' })
  name: string;

  @ApiProperty({
    enum: AUTH_METHODS,
    description: 'How the identity provider proves itself.',
    example: 'bearer',
  })
  auth_method: AuthMethod;

  @ApiProperty({
    ...TEXT,
    description: 'What it calls itself at the token endpoint; null for bearer.',
    example: null,
  })
  client_id: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'The end of the value, or of the client secret; null where there is none.',
    example: '1b9Q',
  })
  last_four: string | null;

  @ApiProperty({ enum: TOKEN_STATUSES, description: "The token's status.", example: 'active' })
  status: TokenStatus;

  @ApiProperty({
    ...TIME,
    description: 'When it stops working; null: never.',
    example: '2027-11-24T09:30:00.000Z',
  })
  expires_at: string | null;

  @ApiProperty({
    ...TIME,
    description: 'When the newest value was first accepted.',
    example: null,
  })
  first_used_at: string | null;

  @ApiProperty({
    ...TIME,
    description: 'When any value of it was last accepted.',
    example: null,
  })
  last_used_at: string | null;

  @ApiProperty({ type: HealthResponse, description: 'How it is, whatever value is used.' })
  health: HealthResponse;

  @ApiProperty({
    type: SetupRotationResponse,
    nullable: true,
    description: 'Null where no value of before works beside the newest.',
    example: null,
  })
  rotation: SetupRotationResponse | null;

  @ApiProperty({
    type: SetupTrustResponse,
    nullable: true,
    description: 'For workload_identity alone.',
    example: null,
  })
  trust: SetupTrustResponse | null;
}

/** Builds the answer field by field: what administrators alone see of a token stays away. */
export function toConnection(
  row: TokenRow,
  firstUsedAt: Date | null,
  now: Date,
): SetupConnectionResponse {
  const rotation = toRotation(row, now);
  return {
    id: toTokenId(row.id),
    name: row.name,
    auth_method: row.auth_method,
    client_id: row.auth_method === 'bearer' ? null : toTokenId(row.id),
    last_four: row.last_four,
    status: tokenStatus(row, now),
    expires_at: row.expires_at?.toISOString() ?? null,
    first_used_at: firstUsedAt?.toISOString() ?? null,
    last_used_at: row.last_used_at?.toISOString() ?? null,
    health: toHealth(row, now),
    rotation: rotation && { previous_expires_at: rotation.previous_expires_at },
    trust: row.trust,
  };
}
