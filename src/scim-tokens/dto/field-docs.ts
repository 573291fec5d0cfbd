import type { ApiPropertyOptions } from '@nestjs/swagger';
import { ALLOWED_IPS_MODES, SCIM_SCOPES } from '../scim-token.constants';

/** How the fields that create and change share are documented. */
export const FIELD = {
  name: {
    type: String,
    minLength: 1,
    maxLength: 255,
    description: 'What to call the token; duplicates are allowed.',
    example: 'Okta production',
  },
  description: {
    type: String,
    nullable: true,
    maxLength: 1000,
    description: 'Free text; null for none.',
    example: 'Provisioning of the EMEA workforce',
  },
  scopes: {
    enum: SCIM_SCOPES,
    isArray: true,
    minItems: 1,
    description: 'What the token may do on the SCIM routes. All four without a choice.',
    example: ['users:read', 'users:write'],
  },
  expires_at: { type: String, format: 'date-time', example: '2027-11-24T09:30:00Z' },
  expires_in_days: {
    type: 'integer',
    minimum: 1,
    maximum: 3650,
    description: 'Lifetime in days from now, in the place of `expires_at`.',
  },
  allowed_ips: {
    type: [String],
    maxItems: 100,
    description:
      'Networks the token may be used from, as CIDR or single addresses; empty: from anywhere.',
    example: ['203.0.113.0/24'],
  },
  allowed_ips_mode: {
    enum: ALLOWED_IPS_MODES,
    description:
      '`enforce` refuses requests from elsewhere; `report` lets them through and counts them in `ip_report`.',
  },
} as const satisfies Record<string, ApiPropertyOptions>;
