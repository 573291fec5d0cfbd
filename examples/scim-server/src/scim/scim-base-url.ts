/** Where the SCIM routes lie below the public URL; endpoint-info tells administrators the same. */
export const SCIM_PATH = '/api/v1/tenants/{tenant_id}/scim/v2';

/** The base URL of each tenant's SCIM routes, from configuration and never from a request. */
export class ScimBaseUrl {
  constructor(readonly publicUrl: string) {}

  /** The template for `baseUrlTemplate`. */
  get template(): string {
    return `${this.publicUrl}${SCIM_PATH}`;
  }

  /** A tenant's base URL, without a trailing slash. */
  of(tenantId: string): string {
    return this.template.replace('{tenant_id}', encodeURIComponent(tenantId));
  }
}
