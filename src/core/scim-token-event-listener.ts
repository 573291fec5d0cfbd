import type { Health, HealthState } from './health';
import { toLinkId, tokenOf, type StoredSetupLink } from './setup-link';
import { toTokenId, type AuthMethod, type TokenRow } from './token';

/** What is told of a token: to a host's listener, and to the receiver of webhooks. */
export interface ScimTokenEvent {
  /** What happened, such as `scim_token.expiring`. */
  readonly type: string;
  /** When it happened, RFC 3339. */
  readonly timestamp: string;
  /** Of which token. */
  readonly data: ScimTokenEventData;
}

/** The token an event is about; never its value. */
export interface ScimTokenEventData {
  /** `sct_…` */
  readonly token_id: string;
  /** Whose token it is. */
  readonly tenant_id: string;
  /** As its administrators call it. */
  readonly name: string;
  /** Last characters of the value; null for an imported one whose end is not known. */
  readonly last_four: string | null;
  /** When the token ends, RFC 3339; null where it never does. */
  readonly expires_at: string | null;
  /** Whole days until the token expires, where that is what the event is about. */
  readonly days_left?: number;
  /** How the connection is now, where that is what the event is about. */
  readonly health?: ScimTokenEventHealth;
  /** The `sub` of the administrator who acted, where one did. */
  readonly actor?: string | null;
}

/** What is told of a setup link. */
export interface ScimSetupLinkEvent {
  /** What happened, such as `scim_token.setup_link_opened`. */
  readonly type: SetupLinkEventType;
  /** When it happened, RFC 3339. */
  readonly timestamp: string;
  /** Of which link. */
  readonly data: ScimSetupLinkEventData;
}

/** The link an event is about; never its secret, nor its URL. */
export interface ScimSetupLinkEventData {
  /** `sul_…` */
  readonly link_id: string;
  /** Whose link it is. */
  readonly tenant_id: string;
  /** The token that it renews or made; null where it has made none yet. */
  readonly token_id: string | null;
  /** The identity provider that it is for; null where whoever opens it chooses. */
  readonly provider: string | null;
  /** How that proves itself; null where whoever opens the link chooses. */
  readonly auth_method: AuthMethod | null;
  /** When the link ends, RFC 3339. */
  readonly expires_at: string;
  /** The `sub` of the administrator who acted, or `setup:sul_…` for the link's holder, where one did. */
  readonly actor?: string;
}

/** How a connection is. */
export interface ScimTokenEventHealth {
  readonly state: HealthState;
  /** Since when that is known, RFC 3339. */
  readonly since: string;
  /** The hint of the last refusal where it is failing, whole hours since the last use where it is quiet. */
  readonly detail: string | number | null;
}

/** Hears what happens to tokens and setup links. A port: a host brings its own. */
export abstract class ScimTokenEventListener {
  /** Called once an event stands; it is told again where this throws. */
  abstract handle(event: ScimTokenEvent | ScimSetupLinkEvent): void | Promise<void>;
}

/** Nobody listens. */
export class NoScimTokenEventListener extends ScimTokenEventListener {
  handle(): void {
    return undefined;
  }
}

/** What receivers are told of. */
export type TokenEventType =
  | 'scim_token.created'
  | 'scim_token.updated'
  | 'scim_token.rotated'
  | 'scim_token.rotation_stalled'
  | 'scim_token.revoked'
  | 'scim_token.leaked'
  | 'scim_token.expiring'
  | 'scim_token.expired'
  | 'scim_token.failing'
  | 'scim_token.quiet'
  | 'scim_token.recovered';

/** What receivers are told of setup links. */
export type SetupLinkEventType =
  | 'scim_token.setup_link_created'
  | 'scim_token.setup_link_opened'
  | 'scim_token.setup_link_completed'
  | 'scim_token.setup_link_revoked';

/** The token an event is about, as it is after what happened. */
export type EventToken = Pick<TokenRow, 'id' | 'tenant_id' | 'name' | 'last_four' | 'expires_at'>;

/** Something that receivers are to be told. */
export interface TokenEvent {
  readonly type: TokenEventType;
  readonly at: Date;
  readonly token: EventToken;
  /** Whole days until the expiry, begun ones counted, where that is what the event is about. */
  readonly daysLeft?: number;
  /** How the connection is now, where that is what the event is about. */
  readonly health?: Health;
  /** The administrator who acted, if one did. */
  readonly actor?: string | null;
}

/** The same of a setup link. */
export interface SetupLinkEvent {
  readonly type: SetupLinkEventType;
  readonly at: Date;
  /** As it is after what happened. */
  readonly link: StoredSetupLink;
  readonly actor: string | null;
}

/** Builds what is sent, field by field: never a value, never a hash. */
export function toEvent(event: TokenEvent | SetupLinkEvent): ScimTokenEvent | ScimSetupLinkEvent {
  return 'link' in event ? toSetupLinkEvent(event) : toScimTokenEvent(event);
}

function toSetupLinkEvent({ type, at, link, actor }: SetupLinkEvent): ScimSetupLinkEvent {
  const tokenId = tokenOf(link);
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      link_id: toLinkId(link.id),
      tenant_id: link.tenant_id,
      token_id: tokenId === null ? null : toTokenId(tokenId),
      provider: link.provider,
      auth_method: link.auth_method,
      expires_at: link.expires_at.toISOString(),
      ...(actor !== null && { actor }),
    },
  };
}

function toScimTokenEvent({
  type,
  at,
  token,
  daysLeft,
  health,
  actor,
}: TokenEvent): ScimTokenEvent {
  return {
    type,
    timestamp: at.toISOString(),
    data: {
      token_id: toTokenId(token.id),
      tenant_id: token.tenant_id,
      name: token.name,
      last_four: token.last_four,
      expires_at: token.expires_at?.toISOString() ?? null,
      ...(daysLeft !== undefined && { days_left: daysLeft }),
      ...(health && { health: { ...health, since: health.since.toISOString() } }),
      ...(typeof actor === 'string' && { actor }),
    },
  };
}
