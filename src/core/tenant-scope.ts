/**
 * The tenants a request may act for. Goes into the WHERE of every statement that touches a token:
 * nothing loads a row first and then asks whose it is.
 */
export type TenantScope =
  { readonly kind: 'all' } | { readonly kind: 'tenants'; readonly tenantIds: readonly string[] };

/** Every tenant. */
export const ALL_TENANTS: TenantScope = Object.freeze({ kind: 'all' });

/** The named tenants alone; an empty list allows nothing. */
export function tenants(...tenantIds: readonly string[]): TenantScope {
  return Object.freeze({ kind: 'tenants', tenantIds: Object.freeze([...tenantIds]) });
}
