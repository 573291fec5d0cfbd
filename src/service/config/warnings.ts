/** What the operator should know, though the service can do with it. */
export function warningsOf(
  { publicUrl, trustProxy }: { readonly publicUrl: string; readonly trustProxy: unknown },
  { lacksPepper }: { readonly lacksPepper: boolean },
): string[] {
  const warnings = [];
  if (lacksPepper) {
    warnings.push(
      'SCIM_TOKEN_PEPPER is not set: tokens are safe, but the first check of each is slower',
    );
  }
  if (/^https:/i.test(publicUrl) && trustProxy === false) {
    warnings.push(
      'TRUST_PROXY is not set, though PUBLIC_URL is https: the address of the proxy in front is taken for ' +
        'that of every client, in allowed_ips, limits and the audit trail',
    );
  }
  return warnings;
}
