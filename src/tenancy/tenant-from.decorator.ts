import { SetMetadata } from '@nestjs/common';

/** Where a request names its tenant: `none` where only its token does. */
export type TenantSource = 'query' | 'body' | 'none';

/** Metadata key under which a handler says where its request names the tenant. */
export const TENANT_SOURCE = 'scim-tokens:tenant-source';

/**
 * Says where the request names its tenant. Every handler must say so: one without is a 500, since
 * its tenant scope would be a guess.
 */
export const TenantFrom = (source: TenantSource) => SetMetadata(TENANT_SOURCE, source);
