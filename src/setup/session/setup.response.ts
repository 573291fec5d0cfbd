import { IDENTITY_PROVIDERS } from '../../core/identity-providers';
import { LANGUAGES } from '../../core/languages';
import type { SetupLinkStatus } from '../../core/setup-link';
import { AUTH_METHODS, type AuthMethod } from '../../core/token';
import {
  IdentityProviderFieldResponse,
  IdentityProviderMethodResponse,
} from '../../endpoint-info/identity-provider.dto';
import { PresentedClaimsResponse } from '../../endpoint-info/recent-failure.response';
import { failureText } from '../../endpoint-info/texts/failure-text';
import { ApiProperty, ApiSchema } from '../../http/openapi-decorators';
import { CHECK_STATES, type CheckState } from './check-state';
import { SetupConnectionResponse } from './connection.response';

const TEXT = { type: String, nullable: true } as const;
const NOW = { format: 'date-time', example: '2026-11-24T09:30:00.000Z' } as const;

/** What a field takes that is made, or is the reader's own. */
const FILLINGS = ['token', 'client_id', 'client_secret', 'own'] as const;

/** A field of a provider's admin console. */
@ApiSchema({ name: 'ScimSetupField' })
export class SetupFieldResponse extends IdentityProviderFieldResponse {
  @ApiProperty({
    enum: FILLINGS,
    required: false,
    description:
      'What goes into it in place of `value`, which then only describes that; `own`: something of the reader’s own.',
  })
  fills?: (typeof FILLINGS)[number];
}

/** What to do in a provider's console for one method, in the answer's language. */
@ApiSchema({ name: 'ScimSetupMethod' })
export class SetupMethodResponse extends IdentityProviderMethodResponse {
  @ApiProperty({ type: [SetupFieldResponse], description: 'What to enter where.' })
  declare fields: SetupFieldResponse[];
}

/** An identity provider that the link may connect. */
@ApiSchema({ name: 'ScimSetupProvider' })
export class SetupProviderResponse {
  @ApiProperty({ description: 'Stable id.', example: 'okta' })
  id: string;

  @ApiProperty({ description: 'As the vendor writes it.', example: 'Okta' })
  name: string;

  @ApiProperty({
    type: [SetupMethodResponse],
    description: 'Those that the link may take, the recommended one first.',
  })
  methods: SetupMethodResponse[];
}

/** Whose identity provider is connected. */
@ApiSchema({ name: 'ScimSetupTenant' })
export class SetupTenantResponse {
  @ApiProperty({ description: 'The customer.', example: 'tnt_a' })
  id: string;

  @ApiProperty({
    description: 'For people: the id, where the directory has no name.',
    example: 'Acme Corporation',
  })
  name: string;
}

/** How the operator presents itself. */
@ApiSchema({ name: 'ScimSetupBrand' })
export class SetupBrandResponse {
  @ApiProperty({ description: 'Name of the product.', example: 'Example App' })
  name: string;

  @ApiProperty({
    description: 'As `#rrggbb`, on which white text can be read.',
    example: '#2456c9',
  })
  color: string;

  @ApiProperty({ ...TEXT, description: 'Path of the logo.', example: null })
  logo_url: string | null;

  @ApiProperty({
    ...TEXT,
    description: 'Where help is to be had: https or mailto.',
    example: 'mailto:support@example.com',
  })
  support_url: string | null;
}

/** The link itself. */
@ApiSchema({ name: 'ScimSetupOwnLink' })
export class SetupOwnLinkResponse {
  @ApiProperty({ description: "The link's id.", example: 'sul_019ab3f2c1d07a4e8f20b1c2d3e4f506' })
  id: string;

  @ApiProperty({
    enum: ['open', 'used', 'completed'],
    description: 'Whether it made a value, and whether that synced.',
    example: 'open',
  })
  status: SetupLinkStatus;

  @ApiProperty({ ...NOW, description: 'When it ends at the latest.' })
  expires_at: string;

  @ApiProperty({
    ...TEXT,
    description: 'Where the page leads back to.',
    example: 'https://app.example.com/settings/provisioning',
  })
  return_url: string | null;

  @ApiProperty({
    ...TEXT,
    enum: IDENTITY_PROVIDERS,
    description: 'The provider that it is for; null for any.',
    example: 'okta',
  })
  provider: string | null;

  @ApiProperty({
    ...TEXT,
    enum: AUTH_METHODS,
    description: 'The method that it is for; null for any.',
    example: 'bearer',
  })
  auth_method: AuthMethod | null;

  @ApiProperty({ description: 'Whether it renews a token that is there.', example: false })
  renews: boolean;
}

/** One kind of refused request since the newest value was made. */
@ApiSchema({ name: 'ScimSetupFailure' })
export class SetupFailureResponse {
  @ApiProperty({ description: 'Stable name of what happened.', example: 'quoted' })
  hint: string;

  @ApiProperty({
    description: "What came, what is wrong and what to change, in the answer's language.",
    example: failureText('quoted', 'en'),
  })
  text: string;

  @ApiProperty({ type: 'integer', description: 'How often.', example: 3 })
  count: number;

  @ApiProperty({ ...NOW, description: 'When last.' })
  last_at: string;

  @ApiProperty({
    type: PresentedClaimsResponse,
    required: false,
    description:
      "What this connection's last signed assertion among them said; left out where there was none.",
  })
  claims?: PresentedClaimsResponse;
}

/** How far the newest value is. */
@ApiSchema({ name: 'ScimSetupCheck' })
export class SetupCheckResponse {
  @ApiProperty({
    enum: CHECK_STATES,
    description:
      'No value made yet; nothing came; refusals alone; accepted once, whatever is refused later; accepted again at least ten minutes after that.',
    example: 'waiting',
  })
  state: CheckState;

  @ApiProperty({ ...TEXT, ...NOW, description: 'Since when; null for not_started.' })
  since: string | null;

  @ApiProperty({ ...NOW, description: 'When it is worth asking again.' })
  next_look_at: string;

  @ApiProperty({
    type: [SetupFailureResponse],
    description: 'What the tenant was refused since the newest value was made, the last first.',
  })
  failures: SetupFailureResponse[];
}

/** All that a setup page shows. */
@ApiSchema({ name: 'ScimSetup' })
export class SetupResponse {
  @ApiProperty({ ...NOW, description: "The server's time." })
  now: string;

  @ApiProperty({ type: SetupTenantResponse, description: 'Whose identity provider it is.' })
  tenant: SetupTenantResponse;

  @ApiProperty({ type: SetupBrandResponse, description: 'Whose page it is.' })
  brand: SetupBrandResponse;

  @ApiProperty({
    ...TEXT,
    enum: LANGUAGES,
    description: "The link's language; null where the reader's decides.",
    example: null,
  })
  language: string | null;

  @ApiProperty({
    type: [String],
    description: 'Origins that may show the page in a frame, and are told what happens on it.',
    example: [],
  })
  frame_ancestors: readonly string[];

  @ApiProperty({ type: SetupOwnLinkResponse, description: 'The link itself.' })
  link: SetupOwnLinkResponse;

  @ApiProperty({
    ...TEXT,
    enum: IDENTITY_PROVIDERS,
    description: "The link's provider, else the connection's; null while there is neither.",
    example: 'okta',
  })
  provider: string | null;

  @ApiProperty({
    type: [SetupProviderResponse],
    description: 'Those that the link may connect, with what to do in their consoles.',
  })
  providers: SetupProviderResponse[];

  @ApiProperty({
    type: SetupConnectionResponse,
    nullable: true,
    description: 'What the link made or renews; null while it has made nothing.',
  })
  connection: SetupConnectionResponse | null;

  @ApiProperty({ type: SetupCheckResponse, description: 'How far the newest value is.' })
  check: SetupCheckResponse;
}
