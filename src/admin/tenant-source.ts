/** Where a request names its tenant: `none` where only its token does. */
export type TenantSource = 'query' | 'body' | 'none';

/** Metadata key under which a handler says where its request names the tenant. */
export const TENANT_SOURCE = 'scim-tokens:tenant-source';
