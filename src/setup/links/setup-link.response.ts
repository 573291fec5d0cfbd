import { IDENTITY_PROVIDERS } from '../../core/identity-providers';
import { LANGUAGES } from '../../core/languages';
import {
  SETUP_LINK_STATUSES,
  statusOf,
  toLinkId,
  tokenOf,
  type SetupLinkStatus,
  type StoredSetupLink,
} from '../../core/setup-link';
import { AUTH_METHODS, toTokenId, type AuthMethod } from '../../core/token';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';

const OPTIONAL_TIME = { type: String, nullable: true, format: 'date-time', example: null } as const;

/** A setup link as every answer shows it: never its secret, never a hash. */
@ApiSchema({ name: 'ScimSetupLink' })
export class SetupLinkResponse {
  @ApiProperty({
    description: 'Opaque, time-ordered id.',
    example: 'sul_019ab3f2c1d07a4e8f20b1c2d3e4f506',
  })
  id: string;

  @ApiProperty({ description: 'The tenant that it is for.', example: 'tnt_a' })
  tenant_id: string;

  @ApiProperty({
    enum: IDENTITY_PROVIDERS,
    nullable: true,
    description: 'The identity provider; null where whoever opens it chooses.',
    example: 'okta',
  })
  provider: string | null;

  @ApiProperty({
    enum: AUTH_METHODS,
    nullable: true,
    description: 'How that proves itself; null where whoever opens it chooses.',
    example: null,
  })
  auth_method: AuthMethod | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The token that it renews or has made; null while there is none.',
    example: null,
  })
  token_id: string | null;

  @ApiProperty({
    enum: SETUP_LINK_STATUSES,
    description:
      '`used`: it has made a value; `completed`: its connection has synced, and it ends a day after.',
    example: 'open',
  })
  status: SetupLinkStatus;

  @ApiProperty({
    format: 'date-time',
    description: 'When it ends, unless it is revoked or completed before.',
    example: '2026-12-01T09:30:00.000Z',
  })
  expires_at: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-24T09:30:00.000Z' })
  created_at: string;

  @ApiProperty({ description: 'The `sub` of whoever made it.', example: 'admin@example.com' })
  created_by: string;

  @ApiProperty({ ...OPTIONAL_TIME, description: 'When its page was first opened.' })
  opened_at: string | null;

  @ApiProperty({ ...OPTIONAL_TIME, description: 'When its connection first synced.' })
  completed_at: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Where the page leads back to.',
    example: 'https://app.example.com/settings/provisioning',
  })
  return_url: string | null;

  @ApiProperty({
    enum: LANGUAGES,
    nullable: true,
    description: "The page's language; null for the browser's.",
    example: null,
  })
  language: string | null;
}

/** A link that was just made, with its URL. */
@ApiSchema({ name: 'ScimSetupLinkCreated' })
export class SetupLinkCreatedResponse extends SetupLinkResponse {
  @ApiProperty({
    description:
      'The link, shown this once: whoever has it may make its value. The secret stands in the fragment, which reaches no server.',
    example:
      'https://scim.example.com/setup#scimsetup_4fJ2kQ9xLm0Z_7HdWq0ZtYx3NvB8sLkR2pCmE5uGaJ1fT0oQ9w1b9Q',
  })
  url: string;
}

/** One page of links, the newest first. */
@ApiSchema({ name: 'ScimSetupLinkPage' })
export class SetupLinkPageResponse {
  @ApiProperty({ description: 'The links of the page.', type: [SetupLinkResponse] })
  items: SetupLinkResponse[];

  @ApiProperty({ description: 'Number of links on all pages.', type: 'integer', example: 1 })
  total: number;

  @ApiProperty({ description: 'The page asked for, from 1.', type: 'integer', example: 1 })
  page: number;

  @ApiProperty({ description: 'Most links on a page.', type: 'integer', example: 20 })
  per_page: number;

  @ApiProperty({ description: 'Number of pages.', type: 'integer', example: 1 })
  pages: number;
}

/** A link as the API shows it. */
export function toSetupLink(link: StoredSetupLink, now: Date): SetupLinkResponse {
  const tokenId = tokenOf(link);
  return {
    id: toLinkId(link.id),
    tenant_id: link.tenant_id,
    provider: link.provider,
    auth_method: link.auth_method,
    token_id: tokenId === null ? null : toTokenId(tokenId),
    status: statusOf(link, now),
    expires_at: link.expires_at.toISOString(),
    created_at: link.created_at.toISOString(),
    created_by: link.created_by,
    opened_at: link.opened_at?.toISOString() ?? null,
    completed_at: link.completed_at?.toISOString() ?? null,
    return_url: link.return_url,
    language: link.language,
  };
}
