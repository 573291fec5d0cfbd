import type { ProviderResponse } from './endpoint-info.response';
import { cyberArk } from './providers/cyberark';
import { entra } from './providers/entra';
import { generic } from './providers/generic';
import { jumpCloud } from './providers/jumpcloud';
import { okta } from './providers/okta';
import { oneLogin } from './providers/onelogin';
import { pingOne } from './providers/pingone';
import { rippling } from './providers/rippling';

/** What to enter in each provider's admin console, in its own words. */
export function providers(baseUrl: string): ProviderResponse[] {
  return [
    entra(baseUrl),
    okta(baseUrl),
    oneLogin(baseUrl),
    jumpCloud(baseUrl),
    pingOne(baseUrl),
    rippling(baseUrl),
    cyberArk(baseUrl),
    generic(baseUrl),
  ];
}
