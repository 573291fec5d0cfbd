import type { Asked, CheckName } from '../verification/checks';
import { isShapedLikeSecret } from '../secrets/scim-token.secret';
import type { SecretState } from '../verification/secret-state';

/** What the checks of a value looked at. */
export interface Seen {
  readonly value: string;
  /** Null where the value is nobody's, or not proven. */
  readonly state: SecretState | null;
  readonly asked: Asked;
}

/** Characters of a value after its prefix. */
const LENGTH_AFTER_PREFIX = 52;

const KINDS: Readonly<Record<SecretState['kind'], string>> = {
  bearer: 'A value',
  client_secret: 'A client secret',
  access_token: 'An access token',
};

/** What a check decided by, for an administrator; null where its name says it all. Holds nothing of the value. */
export function detailOf(check: CheckName, ok: boolean, { value, state, asked }: Seen) {
  if (check === 'form') return detailOfForm(value, ok);
  return state && detailOfState(check, ok, state, asked);
}

function detailOfForm(value: string, ok: boolean): string {
  if (isShapedLikeSecret(value)) return 'As values are made here.';
  return ok
    ? 'Not as values are made here: an imported one.'
    : `${value.length} characters; a value made here has its prefix and ${LENGTH_AFTER_PREFIX} more.`;
}

function detailOfState(
  check: CheckName,
  ok: boolean,
  state: SecretState,
  asked: Asked,
): string | null {
  switch (check) {
    case 'lookup':
      return `${KINDS[state.kind]}, made ${instant(state.issuedAt)}.`;
    case 'tenant':
      return ok
        ? `It is ${state.tenantId}'s.`
        : `It is ${state.tenantId}'s, not ${asked.tenantId ?? ''}'s.`;
    case 'retired':
      return detailOfEnd(state);
    case 'expired':
      return Number.isFinite(state.expiresAt)
        ? `The token's end is ${instant(state.expiresAt)}.`
        : 'The token has no end.';
    case 'network':
      return detailOfNetwork(state, asked);
    case 'scope':
      return `The token may ${state.scopes.join(', ') || 'nothing'}.${needs(asked)}`;
    default:
      return null;
  }
}

function detailOfEnd({ endsAt, kind }: SecretState): string {
  if (endsAt === null) return "The token's current value.";
  if (kind === 'access_token') return `It runs out ${instant(endsAt)}.`;
  // Long ago is where a rotation was completed.
  return endsAt > 0
    ? `An old value, good until ${instant(endsAt)}.`
    : 'An old value, ended by hand.';
}

function detailOfNetwork({ allowedIps, allowedIpsMode }: SecretState, { ip }: Asked): string {
  if (allowedIps.length === 0) return 'It may be used from anywhere.';
  const from = ip === undefined || ip === null ? 'No ip was given' : `From ${ip}`;
  const mode = allowedIpsMode === 'report' ? ', which only reports others' : '';
  return `${from}; allowed_ips is ${allowedIps.join(', ')}${mode}.`;
}

function needs({ scopes = [] }: Asked): string {
  return scopes.length === 0 ? '' : ` The request needs ${scopes.join(', ')}.`;
}

function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
