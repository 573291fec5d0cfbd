import type { ProviderScenarios } from '../scenario';
import entra from './entra.json';
import jumpCloud from './jumpcloud.json';
import okta from './okta.json';
import oneLogin from './onelogin.json';
import pingOne from './pingone.json';
import rfc from './rfc.json';

/** All that is asked, in this order. */
export const SCENARIOS: readonly ProviderScenarios[] = [
  entra,
  okta,
  oneLogin,
  jumpCloud,
  pingOne,
  rfc,
];
