import { toTokenId, type TokenRow } from './token';

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
  /** The `sub` of the administrator who acted, where one did. */
  readonly actor?: string | null;
}

/** Hears what happens to tokens. A port: a host brings its own. */
export abstract class ScimTokenEventListener {
  /** Called once an event stands; it is told again where this throws. */
  abstract handle(event: ScimTokenEvent): void | Promise<void>;
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
  | 'scim_token.expired';

/** The token an event is about, as it is after what happened. */
export type EventToken = Pick<TokenRow, 'id' | 'tenant_id' | 'name' | 'last_four' | 'expires_at'>;

/** Something that receivers are to be told. */
export interface TokenEvent {
  readonly type: TokenEventType;
  readonly at: Date;
  readonly token: EventToken;
  /** Whole days until the expiry, begun ones counted, where that is what the event is about. */
  readonly daysLeft?: number;
  /** The administrator who acted, if one did. */
  readonly actor?: string | null;
}

/** Builds what is sent, field by field: never a value, never a hash. */
export function toScimTokenEvent({ type, at, token, daysLeft, actor }: TokenEvent): ScimTokenEvent {
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
      ...(typeof actor === 'string' && { actor }),
    },
  };
}
