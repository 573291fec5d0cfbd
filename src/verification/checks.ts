import { isElsewhere } from '../core/ip-address';
import type { FailureHint, RefusalReason } from '../core/refusal';
import type { ScimScope } from '../core/token';
import type { Authorization } from '../http/authorization';
import { isShapedLikeSecret } from '../secrets/scim-token.secret';
import type { SecretState } from './secret-state';
import { isChosen, type TenantChoice } from './tenant-choice';

/** All that a header has to pass, in this order: first its value, then the state of the value's token. */
export const CHECKS = [
  'header',
  'form',
  'checksum',
  'lookup',
  'proof',
  'tenant',
  'revoked',
  'retired',
  'expired',
  'enabled',
  'network',
  'scope',
] as const;

/** One of {@link CHECKS}. */
export type CheckName = (typeof CHECKS)[number];

/** Why a header holds no value at all. */
export function hintOfHeader({ kind }: Exclude<Authorization, { kind: 'bearer' }>): FailureHint {
  return kind === 'missing' ? 'missing' : 'no_bearer';
}

/** The check that a value fails which is refused for what it is, by the reason that the lookup gives. */
export function checkOfValue(reason: RefusalReason, value: string): CheckName {
  if (reason === 'unknown') return 'lookup';
  if (reason === 'mismatch') return 'proof';
  return isShapedLikeSecret(value) ? 'checksum' : 'form';
}

/** What a token's state is held against. */
export type Asked = TenantChoice & {
  /** The client's address. */
  readonly ip?: string | null | undefined;
  /** Scopes that the request needs, all of them. */
  readonly scopes?: readonly ScimScope[];
};

/** Which check refuses, and why. */
export interface Objection {
  readonly check: CheckName;
  readonly reason: RefusalReason;
  readonly hint: FailureHint;
}

/**
 * The first check that a proven value's state fails, or null: the one list that verification and explain walk.
 * Written out, since a list of functions cost a remembered token's check a twelfth of its time. In the order of
 * {@link CHECKS}, but that of another tenant's token nothing is told, not even that it is a client secret's.
 *
 * @param now milliseconds since 1970
 */
export function objectionTo(state: SecretState, asked: Asked, now: number): Objection | null {
  if (!isChosen(asked, state.tenantId)) return objection('tenant', 'tenant_mismatch');
  if (state.kind === 'client_secret') return objection('proof', 'mismatch', 'client_secret');
  if (state.revoked) return objection('revoked', 'revoked');
  if (state.endsAt !== null && state.endsAt <= now) return objectionToEnd(state, now);
  if (state.expiresAt <= now) return objection('expired', 'expired');
  if (!state.enabled) return objection('enabled', 'disabled');
  if (state.allowedIpsMode === 'enforce' && isElsewhere(asked.ip, state.allowedIps)) {
    return objection('network', 'ip_not_allowed');
  }
  if (state.scopes.length === 0 || asked.scopes?.some((scope) => !state.scopes.includes(scope))) {
    return objection('scope', 'insufficient_scope');
  }
  return null;
}

function objectionToEnd({ kind, expiresAt }: SecretState, now: number): Objection {
  if (kind !== 'access_token') return objection('retired', 'expired', 'retired');
  // It ends with its token, which is then the one to extend.
  return expiresAt <= now
    ? objection('expired', 'expired')
    : objection('retired', 'expired', 'access_token_ended');
}

function objection(check: CheckName, reason: RefusalReason, hint: FailureHint = reason): Objection {
  return { check, reason, hint };
}
