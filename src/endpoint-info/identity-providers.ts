import type { IdentityProviderResponse } from './identity-provider.dto';
import { cyberArk, jumpCloud, okta, oneLogin, rippling } from './providers/bearer-only';
import { authentik, generic, pingOne, sailPoint } from './providers/client-credentials';
import { entra } from './providers/entra';
import { oracle } from './providers/oracle';
import type { ProviderDescription } from './providers/provider';

const PROVIDERS = [
  entra,
  okta,
  oneLogin,
  jumpCloud,
  pingOne,
  rippling,
  cyberArk,
  sailPoint,
  authentik,
  oracle,
  generic,
];

/**
 * What to enter in each identity provider's admin console, in its own words.
 *
 * @param tokenEndpoint null where none is served: bearer tokens alone then
 */
export function identityProviders(
  baseUrl: string,
  tokenEndpoint: string | null,
): IdentityProviderResponse[] {
  return PROVIDERS.map((describe) =>
    tokenEndpoint === null
      ? withMethods({ ...describe({ baseUrl, tokenEndpoint: '' }), oauth: [] })
      : withMethods(describe({ baseUrl, tokenEndpoint })),
  );
}

/** The first method is the recommended one. Beside the methods stand a bearer token's fields, as ever. */
function withMethods({ bearer, oauth = [], ...provider }: ProviderDescription) {
  const methods = [...oauth, { auth_method: 'bearer' as const, ...bearer }];
  return {
    id: provider.id,
    name: provider.name,
    fields: bearer.fields,
    steps: bearer.steps,
    required_scopes: provider.required_scopes,
    notes: bearer.notes,
    methods: methods.map(({ auth_method, ...method }, index) => ({
      auth_method,
      recommended: index === 0,
      ...method,
    })),
  };
}
