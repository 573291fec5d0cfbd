import type { ScimCapabilities } from '../core/scim-tokens.options';
import type { TokenEndpointLocation } from '../core/token-endpoint-urls';
import type { EndpointInfoResponse } from './endpoint-info.dto';
import type { RecentFailureResponse } from './recent-failure.response';
import { GRANT_TYPES } from './endpoint-info.dto';
import { identityProviders } from './identity-providers';

/** What endpoint-info is put together from. */
export interface EndpointInfoParts {
  readonly tenantId: string;
  /** `{tenant_id}` stands for the tenant, percent-encoded. */
  readonly baseUrlTemplate: string;
  readonly tokenPrefix: string;
  readonly capabilities: ScimCapabilities;
  readonly activeTokens: number;
  readonly nextExpiry: Date | null;
  readonly lastUsedAt: Date | null;
  readonly recentFailures: RecentFailureResponse[];
  /** The token endpoint for a tenant's base URL; null where none is served. */
  readonly tokenEndpointFor: (baseUrl: string) => TokenEndpointLocation | null;
}

/** Tells what to paste into an identity provider. URLs come from configuration alone. */
export function endpointInfo(parts: EndpointInfoParts): EndpointInfoResponse {
  const baseUrl = baseUrlOf(parts.baseUrlTemplate, parts.tenantId);
  const location = parts.tokenEndpointFor(baseUrl);
  return {
    tenant_id: parts.tenantId,
    scim_version: '2.0',
    base_url: baseUrl,
    endpoints: {
      service_provider_config: `${baseUrl}/ServiceProviderConfig`,
      resource_types: `${baseUrl}/ResourceTypes`,
      schemas: `${baseUrl}/Schemas`,
      users: `${baseUrl}/Users`,
      groups: `${baseUrl}/Groups`,
      bulk: `${baseUrl}/Bulk`,
    },
    authentication: {
      scheme: 'oauthbearertoken',
      header: 'Authorization: Bearer <token>',
      token_prefix: `${parts.tokenPrefix}_`,
      active_tokens: parts.activeTokens,
      next_expiry: parts.nextExpiry?.toISOString() ?? null,
      last_used_at: parts.lastUsedAt?.toISOString() ?? null,
      recent_failures: parts.recentFailures,
      oauth: location && {
        token_endpoint: location.token_endpoint,
        metadata: location.metadata,
        grant_types: GRANT_TYPES,
      },
    },
    capabilities: parts.capabilities,
    unique_identifier: 'userName',
    providers: identityProviders(baseUrl, location?.token_endpoint ?? null),
  };
}

/** A tenant's SCIM routes, without a slash at the end. */
export function baseUrlOf(template: string, tenantId: string): string {
  return template.replaceAll('{tenant_id}', segment(tenantId)).replace(/(?<!\/)\/+$/, '');
}

/** One path segment, whatever the id: `.` and `..` would be walked away by every client. */
function segment(id: string): string {
  const encoded = encodeURIComponent(id).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return /^\.{1,2}$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
}

/**
 * Whether a text is the base URL of SCIM routes: http or https, without user name, query and fragment,
 * with no other placeholder than `{tenant_id}`.
 */
export function isBaseUrlTemplate(
  template: string,
  { httpsOnly = false }: { readonly httpsOnly?: boolean } = {},
): boolean {
  const sample = template.replaceAll('{tenant_id}', 'tenant');
  if (/[{}?#@\s]/.test(sample) || !URL.canParse(sample)) return false;
  const { protocol } = new URL(sample);
  return protocol === 'https:' || (protocol === 'http:' && !httpsOnly);
}
