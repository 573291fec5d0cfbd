/** Whose requests are known, by the names that endpoint-info has for providers; `rfc`: what the RFCs ask beyond. */
export const PROVIDER_NAMES: Readonly<Record<string, string>> = {
  entra: 'Entra',
  okta: 'Okta',
  onelogin: 'OneLogin',
  jumpcloud: 'JumpCloud',
  pingone: 'PingOne',
  rfc: 'RFC 7643 and 7644',
};
