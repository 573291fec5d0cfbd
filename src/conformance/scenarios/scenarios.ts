import type { ProviderScenarios } from '../scenario';
import entra from './entra.json';
import jumpCloud from './jumpcloud.json';
import okta from './okta.json';
import oneLogin from './onelogin.json';
import pingOne from './pingone.json';
import rfc from './rfc.json';

/** Whose requests are known, by the names that endpoint-info has for providers; `rfc`: what the RFCs ask beyond. */
export const PROVIDERS: Readonly<Record<string, string>> = {
  entra: 'Entra',
  okta: 'Okta',
  onelogin: 'OneLogin',
  jumpcloud: 'JumpCloud',
  pingone: 'PingOne',
  rfc: 'RFC 7643, RFC 7644',
};

/** All of them, in the order in which they are asked. */
export const SCENARIOS: readonly ProviderScenarios[] = [
  entra,
  okta,
  oneLogin,
  jumpCloud,
  pingOne,
  rfc,
];
