/** Whose assertions a workload identity proves itself by (RFC 7523 §3): each compared as an exact text. */
export interface StoredTrust {
  readonly issuer: string;
  readonly subject: string;
  /** As the administrator entered it. */
  readonly audience: string;
  /** What `tid` must be, besides the issuer's; null for no more than that. */
  readonly tenant_id: string | null;
  /** What `azp` or `appid` must be; null for anything. */
  readonly authorized_party: string | null;
}

const GUID = '[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}';
/** An Entra application: its id, its app-ID URI, or the scope that the portal shows as its audience. */
const APPLICATION = new RegExp(`^(?:(${GUID})|api://(${GUID})(?:/\\.default)?)$`);

/**
 * Every `aud` that an entered audience stands for, to be compared as whole texts: for an Entra application
 * its id, `api://<id>`, and that with the SCIM server's host; else what was entered.
 *
 * @param scimHost host of the tenant's SCIM routes, as of {@link scimHostOf}; null where it is not known
 */
export function acceptedAudiences(audience: string, scimHost: string | null): string[] {
  const [, id, idOfUri] = APPLICATION.exec(audience) ?? [];
  const application = (id ?? idOfUri)?.toLowerCase();
  if (application === undefined) return [audience];
  const uri = `api://${application}`;
  return [application, uri, ...(scimHost === null ? [] : [`${uri}/${scimHost}`])];
}

/** Whether an `aud` is accepted; a GUID in it may be in upper case, nothing else differs. */
export function isAccepted(audience: string, accepted: readonly string[]): boolean {
  const folded = audience.replace(new RegExp(GUID), (guid) => guid.toLowerCase());
  return accepted.includes(audience) || accepted.includes(folded);
}

/** Host of a tenant's SCIM routes without `www.` and port, or null where no base URL says it. */
export function scimHostOf(baseUrlTemplate: string, tenantId: string): string | null {
  const url = baseUrlTemplate.replaceAll('{tenant_id}', encodeURIComponent(tenantId));
  return URL.canParse(url) ? new URL(url).hostname.replace(/^www\./, '') : null;
}
