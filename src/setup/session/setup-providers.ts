import { Injectable } from '@nestjs/common';
import type { Language } from '../../core/languages';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import type { StoredSetupLink } from '../../core/setup-link';
import type { TokenRow } from '../../core/token';
import { TokenEndpointUrls } from '../../core/token-endpoint-urls';
import { baseUrlOf } from '../../endpoint-info/endpoint-info';
import { identityProviders } from '../../endpoint-info/identity-providers';
import type { SetupProviderResponse } from './setup.response';

/** Which identity providers a link may connect, and how. */
@Injectable()
export class SetupProviders {
  constructor(
    private readonly options: ResolvedScimTokensOptions,
    private readonly tokenEndpoint: TokenEndpointUrls,
  ) {}

  /**
   * Within what the link is for; one that has no such method is left out. What renews a token is for that
   * token's provider, until the first value is made: then it is whom the reader chose, who may have erred.
   *
   * @param token the link's; null while it has none
   */
  of(
    { tenant_id, provider, auth_method: method, token_id, value_made_at }: StoredSetupLink,
    token: Pick<TokenRow, 'provider'> | null,
    language: Language,
  ): SetupProviderResponse[] {
    const isRenewal = token_id !== null && value_made_at === null;
    const only = provider ?? (isRenewal ? (token?.provider ?? null) : null);
    const baseUrl = baseUrlOf(this.options.baseUrlTemplate, tenant_id);
    return identityProviders(baseUrl, this.tokenEndpointOf(tenant_id), language)
      .filter(({ id }) => only === null || id === only)
      .map(({ id, name, methods }) => ({
        id,
        name,
        methods: methods.filter(({ auth_method }) => method === null || auth_method === method),
      }))
      .filter(({ methods }) => methods.length > 0);
  }

  /** Null where none is served. */
  tokenEndpointOf(tenantId: string): string | null {
    if (!this.tokenEndpoint.isServed) return null;
    return this.tokenEndpoint.of(baseUrlOf(this.options.baseUrlTemplate, tenantId)).token_endpoint;
  }
}
