import { isAtMost } from './text-length';

/** Most characters of a tenant id. */
export const TENANT_ID_MAX = 255;

/** Whether a value can be a tenant's id: 1 to 255 characters that PostgreSQL can hold. */
export function isTenantId(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value !== '' &&
    value.isWellFormed() &&
    !value.includes('\0') &&
    isAtMost(value, TENANT_ID_MAX)
  );
}
