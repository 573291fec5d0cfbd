import type { AuditEntryType, Changes } from '../ledger/audit-chain';
import { SecretReplay, type ReplayedEvent } from './secret-replay';
import { AUDITED } from '../ledger/token-changes';

/** Types of events that only happen to a token which is there and not revoked. */
const ALIVE: ReadonlySet<AuditEntryType> = new Set([
  'scim_token.created',
  'scim_token.updated',
  'scim_token.disabled',
  'scim_token.enabled',
  'scim_token.rotated',
  'scim_token.rotation_completed',
  'scim_token.rotation_cancelled',
  'scim_token.expired',
]);

/** What a rotation changes of the token's own row. */
const FACE = ['expires_at', 'token_prefix', 'last_four'] as const;
/** What ends a token. */
const END = ['revoked_at', 'revocation_reason'] as const;
/** What a new token has where its first event does not say otherwise. */
const UNSAID = {
  description: null,
  allowed_ips_mode: 'enforce',
  revoked_at: null,
  revoked_by: null,
  revocation_reason: null,
};

/**
 * What one token's events say of its row and its secrets, put together event by event. Where its first
 * events were pruned, only what the remaining ones say is known.
 */
export class TokenReplay {
  /** Columns of the token's row, as the API shows them; one that no event told is not there. */
  readonly fields = new Map<string, unknown>();
  readonly secrets = new SecretReplay();
  /** Whether the token's creation is among the events. */
  isWhole = false;
  /** Whether an event proves that the row was there, and none that the token was revoked since. */
  mustExist = false;

  apply(event: ReplayedEvent): void {
    const { type, at, actor, changes } = event;
    if (ALIVE.has(type)) this.mustExist = true;
    switch (type) {
      case 'scim_token.created':
        this.isWhole = true;
        this.set(UNSAID);
        this.set({ created_at: at.toISOString(), created_by: actor ?? '' });
        this.take([...AUDITED, 'token_prefix', 'last_four'], changes);
        this.secrets.created(event);
        break;
      case 'scim_token.updated':
      case 'scim_token.enabled':
      case 'scim_token.disabled':
        this.take(AUDITED, changes);
        break;
      case 'scim_token.rotated':
        this.secrets.rotated(event, this.fields.get('expires_at'));
        this.take(FACE, changes);
        break;
      case 'scim_token.rotation_cancelled':
        this.secrets.cancelled(event);
        this.take(FACE, changes);
        break;
      case 'scim_token.rotation_completed':
        this.secrets.completed(event);
        break;
      case 'scim_token.revoked':
      case 'scim_token.leaked':
        if (changes.revoked_at) {
          this.set({ revoked_by: actor, revocation_reason: null });
          this.take(END, changes);
          this.mustExist = false;
        }
        break;
      case 'scim_token.expired':
      case 'scim_token.auth_failed':
        break;
    }
  }

  private take(names: readonly string[], changes: Changes): void {
    for (const name of names) {
      const change = changes[name];
      if (change) this.fields.set(name, change.to);
    }
  }

  private set(fields: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(fields)) this.fields.set(name, value);
  }
}
