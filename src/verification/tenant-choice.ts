import { isTenantId } from '../core/tenant-directory';
import type { TenantScope } from '../core/request-context';

/** Whose tokens are accepted: one of these must be said. */
export type TenantChoice =
  | {
      /** The tenant whose routes the value was presented at. */
      readonly tenantId: string;
      readonly anyTenant?: never;
      readonly tenantIds?: never;
    }
  | {
      /** Accepts a token of any of these tenants. */
      readonly tenantIds: readonly string[];
      readonly tenantId?: never;
      readonly anyTenant?: never;
    }
  | {
      /** Accepts a token of whatever tenant: the caller looks at the answer's `tenantId` himself. */
      readonly anyTenant: true;
      readonly tenantId?: never;
      readonly tenantIds?: never;
    };

/** Accepts a token of the tenants that a request may act for. */
export function choiceWithin(scope: TenantScope): TenantChoice {
  return scope.kind === 'all' ? { anyTenant: true } : { tenantIds: scope.tenantIds };
}

/** Callers in plain JavaScript have no compiler that asks for it. */
export function requireTenantChoice({
  tenantId,
  tenantIds,
  anyTenant,
}: Readonly<Partial<Record<keyof TenantChoice, unknown>>>): void {
  const isOne =
    anyTenant === true
      ? tenantId === undefined && tenantIds === undefined
      : (typeof tenantId === 'string') !== Array.isArray(tenantIds);
  if (!isOne) throw new TypeError('verify takes one of tenantId, tenantIds and anyTenant: true');
}

/** Whether a token of this tenant is accepted. */
export function isChosen({ tenantId, tenantIds, anyTenant }: TenantChoice, owner: string): boolean {
  if (anyTenant === true) return true;
  return tenantIds ? tenantIds.includes(owner) : owner === tenantId;
}

/** The one tenant whose token it must be; null where there are several, or none that could have a token. */
export function tenantOf({ tenantId, tenantIds }: TenantChoice): string | null {
  const only = tenantIds?.length === 1 ? tenantIds[0] : tenantId;
  return isTenantId(only) ? only : null;
}
