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
