import type { Language } from '../core/languages';
import { cyberArk, jumpCloud, okta, oneLogin, rippling } from './providers/bearer-only';
import { authentik, generic, pingOne, sailPoint } from './providers/client-credentials';
import { entra } from './providers/entra';
import { oracle } from './providers/oracle';
import type { ProviderDescription } from './providers/provider';
import { providerInLanguage, type ProviderInLanguage } from './texts/provider-in-language';

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
 * @param language in the words of the setup page; left out, in those for administrators, in English
 */
export function identityProviders(
  baseUrl: string,
  tokenEndpoint: string | null,
  language?: Language,
): ProviderInLanguage[] {
  const providers = PROVIDERS.map((describe) =>
    tokenEndpoint === null
      ? withMethods({ ...describe({ baseUrl, tokenEndpoint: '' }), oauth: [] })
      : withMethods(describe({ baseUrl, tokenEndpoint })),
  );
  return language === undefined
    ? providers
    : providers.map((provider) => providerInLanguage(provider, language));
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
