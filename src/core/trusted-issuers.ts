import { isRecord } from './checks';
import { isSecureUrl, SECURE_URL_TAKES } from './secure-url';

/** Who may sign assertions, and where its keys are. `{tenant_id}` in both stands for a GUID. */
export interface TrustedIssuer {
  /** What `iss` is: https, or http on a loopback host; at most 512 characters. */
  readonly issuer: string;
  /** URL of its JWK set (RFC 7517 §5): https, or http on a loopback host. */
  readonly jwks_uri: string;
}

const PLACEHOLDER = '{tenant_id}';

/** Microsoft Entra ID: v2 and v1 of the public cloud, v2 of the US Government's and of China's. */
const ENTRA: readonly TrustedIssuer[] = [
  {
    issuer: 'https://login.microsoftonline.com/{tenant_id}/v2.0',
    jwks_uri: 'https://login.microsoftonline.com/{tenant_id}/discovery/v2.0/keys',
  },
  {
    issuer: 'https://sts.windows.net/{tenant_id}/',
    jwks_uri: 'https://login.microsoftonline.com/{tenant_id}/discovery/keys',
  },
  {
    issuer: 'https://login.microsoftonline.us/{tenant_id}/v2.0',
    jwks_uri: 'https://login.microsoftonline.us/{tenant_id}/discovery/v2.0/keys',
  },
  {
    issuer: 'https://login.partner.microsoftonline.cn/{tenant_id}/v2.0',
    jwks_uri: 'https://login.partner.microsoftonline.cn/{tenant_id}/discovery/v2.0/keys',
  },
];

/** The tenant of everyone's personal Microsoft account: nobody's organisation. */
const PERSONAL_ACCOUNTS = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** Lower case, as issuers write it (RFC 9562 §4): another spelling would equal no `iss`. */
const GUIDS = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/g;

/**
 * The issuers whose assertions are taken: Entra's, and those of the configuration. Where their keys are is
 * derived from the configuration alone, so that no request goes to an address that somebody typed or sent.
 */
export class TrustedIssuers {
  private readonly known: readonly TrustedIssuer[];

  /** @param oauth the resolved option; null for none: then no issuer is trusted */
  constructor(oauth: { readonly issuers: readonly TrustedIssuer[] } | null) {
    const given = oauth?.issuers ?? [];
    const isTemplate = ({ issuer }: TrustedIssuer): boolean => issuer.includes(PLACEHOLDER);
    // What is said of one issuer counts before what is said of many, and what is given before what is built in.
    this.known =
      oauth === null
        ? []
        : [...given.filter((entry) => !isTemplate(entry)), ...given.filter(isTemplate), ...ENTRA];
  }

  /** URL of an issuer's JWK set, or null where the issuer is not trusted here. */
  jwksUriOf(issuer: string): string | null {
    for (const { issuer: template, jwks_uri: uri } of this.known) {
      if (template === issuer && !template.includes(PLACEHOLDER)) return uri;
      const tenant = tenantIn(issuer, template);
      if (tenant !== null) return uri.replaceAll(PLACEHOLDER, tenant);
    }
    return null;
  }

  /** The GUID of the Entra tenant that an issuer is, which `tid` must equal; null for others. */
  tenantOf(issuer: string): string | null {
    const tenants = ENTRA.map((entry) => tenantIn(issuer, entry.issuer));
    return tenants.find((tenant) => tenant !== null) ?? null;
  }
}

function tenantIn(issuer: string, template: string): string | null {
  if (!template.includes(PLACEHOLDER)) return null;
  const guids = issuer.match(GUIDS) ?? [];
  const tenant = guids.find((guid) => template.replaceAll(PLACEHOLDER, guid) === issuer);
  return tenant === undefined || tenant === PERSONAL_ACCOUNTS ? null : tenant;
}

const MAX_ISSUER = 512;
const TAKES = `${SECURE_URL_TAKES}, without fragment, and with no other placeholder than ${PLACEHOLDER}`;

/**
 * Checks a list of issuers as it is configured: `[{"issuer", "jwks_uri"}]`.
 *
 * @throws Error that names the entry and the member that is wrong, and what it takes
 */
export function checkedIssuers(list: unknown): readonly TrustedIssuer[] {
  if (!Array.isArray(list)) throw new Error('issuers takes a list of {issuer, jwks_uri}');
  const seen = new Set<string>();
  return list.map((entry: unknown, index) => {
    const issuer = issuerFrom(entry, `issuers[${index}]`);
    if (seen.has(issuer.issuer)) throw new Error(`issuers[${index}].issuer stands there twice`);
    seen.add(issuer.issuer);
    return issuer;
  });
}

function issuerFrom(entry: unknown, where: string): TrustedIssuer {
  if (!isRecord(entry)) throw new Error(`${where} takes an object with issuer and jwks_uri`);
  const { issuer, jwks_uri: uri, ...others } = entry;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`${where}.${unknown} is not known`);
  if (!isUrlTemplate(issuer)) throw new Error(`${where}.issuer takes ${TAKES}`);
  if (issuer.length > MAX_ISSUER) {
    throw new Error(`${where}.issuer takes at most ${MAX_ISSUER} characters`);
  }
  if (!isUrlTemplate(uri)) throw new Error(`${where}.jwks_uri takes ${TAKES}`);
  if (uri.includes(PLACEHOLDER) && !issuer.includes(PLACEHOLDER)) {
    throw new Error(`${where}.jwks_uri takes ${PLACEHOLDER} only where issuer has it`);
  }
  return { issuer, jwks_uri: uri };
}

function isUrlTemplate(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  const sample = value.replaceAll(PLACEHOLDER, '00000000-0000-0000-0000-000000000000');
  return !/[{}#\s]/.test(sample) && isSecureUrl(sample);
}
