import type { ScimTokenEvent } from './scim-token-event-listener';
import type { TokenRow } from './token-row';
import { toTokenId } from './token-id';

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
      expires_at: token.expires_at.toISOString(),
      ...(daysLeft !== undefined && { days_left: daysLeft }),
      ...(typeof actor === 'string' && { actor }),
    },
  };
}
