import { daysAfter } from '../core/clock';
import type { LockedToken } from '../core/token';
import { messageOf, type ConstraintName } from '../http/validation/constraints';
import { failure, InputInvalidError } from '../http/validation/input-invalid.error';
import type { TokenPatch } from '../ledger/writes';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';

/**
 * Sees to it that a change, right by itself, fits the token.
 *
 * @throws InputInvalidError with all that does not
 */
export function requireFit(
  { auth_method, secret_created_at }: LockedToken,
  input: Readonly<UpdateScimTokenDto>,
  { expires_at }: TokenPatch,
  { maxTtlDays, now }: { readonly maxTtlDays: number; readonly now: Date },
): void {
  const errors: { field: keyof UpdateScimTokenDto; constraint: ConstraintName }[] = [];
  if (input.expires_at === null && auth_method !== 'workload_identity') {
    errors.push({ field: 'expires_at', constraint: 'datetime_type' });
  }
  // The lifetime counts from the current secret's creation; without a secret nothing grows old.
  if (expires_at && expires_at > daysAfter(secret_created_at ?? now, maxTtlDays)) {
    const field = input.expires_in_days === undefined ? 'expires_at' : 'expires_in_days';
    errors.push({ field, constraint: 'beyond_max_ttl' });
  }
  if (input.access_token_ttl_seconds !== undefined && auth_method === 'bearer') {
    errors.push({ field: 'access_token_ttl_seconds', constraint: 'not_bearer' });
  }
  if (input.trust !== undefined && auth_method !== 'workload_identity') {
    errors.push({ field: 'trust', constraint: 'only_workload_identity' });
  }
  if (errors.length === 0) return;
  throw InputInvalidError.fields(
    'body',
    errors.map(({ field, constraint }) =>
      failure(field, constraint, messageOf(constraint, [maxTtlDays])),
    ),
  );
}
