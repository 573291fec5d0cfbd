import { readNetwork } from '../../http/validation/read-network';
import { DATABASE_URL, SCHEMA_NAME, WEBHOOK_SECRET } from '../../module/options/options.schema';
import {
  BOOLEAN,
  integer,
  kindOf,
  listed,
  listOf,
  matching,
  oneOf,
  secret,
  setting,
  TEXT,
  textOf,
  type Kind,
} from '../../module/options/settings';

const ENVIRONMENTS = ['development', 'test', 'production'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** Which URLs are taken, in words for people. */
export const urlKind = (httpsOnly: boolean): string =>
  httpsOnly ? 'an https URL' : 'an http or https URL';

function webUrl(httpsOnly: boolean, forbidden: RegExp, without: string): Kind<string> {
  return textOf(`${urlKind(httpsOnly)} without ${without}`, (text) => {
    if (forbidden.test(text) || !URL.canParse(text)) return false;
    const { protocol, username, password } = new URL(text);
    return (
      /^https?:$/.test(protocol) &&
      !(httpsOnly && protocol === 'http:') &&
      username + password === ''
    );
  });
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2 };
const MAX_BODY = 16 * 1024 ** 2;

/** A size such as `64kb`, in bytes. */
const SIZE = kindOf<number>(
  'a size from 1kb to 16mb, such as 64kb',
  (bytes) => Number(bytes) >= 1024 && Number(bytes) <= MAX_BODY,
  {
    read: (text) => {
      const [, digits, unit = 'b'] = /^(\d{1,9})(b|kb|mb)?$/i.exec(text) ?? [];
      return Number(digits) * (UNITS[unit.toLowerCase()] ?? NaN);
    },
  },
);

/** Which proxies are believed about the client's address: how many, or which networks. */
const PROXIES = kindOf<number | string[]>(
  'a number of hops from 1 to 32 or a list of networks; not true, which would let a client name its own IP',
  (value) =>
    Array.isArray(value)
      ? value.every((network) => typeof network === 'string')
      : Number(value) >= 1 && Number(value) <= 32,
  {
    read: (text) =>
      /^\d+$/.test(text) ? Number(text) : listed(text).map((item) => readNetwork(item)),
  },
);

/** Origins that browsers may call from. */
const ORIGINS = listOf<string>(
  'a list of origins such as https://admin.example.com; not *',
  (item) => URL.canParse(String(item)) && new URL(String(item)).origin === item,
);

/** The service's own variables: what each takes, and its default. Those of the module's options stand with these. */
export const variables = (isProduction: boolean) => ({
  environment: setting(oneOf(ENVIRONMENTS), 'development' as const, 'NODE_ENV'),
  dataDir: setting(TEXT, '.data', 'DATA_DIR'),
  tenantsFile: setting(TEXT, null, 'TENANTS_FILE'),
  oauthEnabled: setting(BOOLEAN, true, 'SCIM_OAUTH_ENABLED'),
  oauthIssuersFile: setting(TEXT, null, 'SCIM_OAUTH_ISSUERS_FILE'),
  docsEnabled: setting(BOOLEAN, true, 'DOCS_ENABLED'),
  metricsEnabled: setting(BOOLEAN, true, 'METRICS_ENABLED'),
  logLevel: setting(oneOf(LOG_LEVELS), 'info' as const, 'LOG_LEVEL'),
  port: setting(integer(1, 65_535), 3000, 'PORT'),
  host: setting(matching(/^\S+$/, 'a host name or an address'), '127.0.0.1', 'HOST'),
  publicUrl: setting(
    {
      ...webUrl(isProduction, /[?#@\s]/, 'user name, query and fragment'),
      read: (text) => text.replace(/(?<!\/)\/+$/, ''),
    },
    null,
    'PUBLIC_URL',
  ),
  baseUrlTemplate: setting(
    TEXT,
    '{public_url}/api/v1/tenants/{tenant_id}/scim/v2',
    'SCIM_BASE_URL_TEMPLATE',
  ),
  bodyLimitBytes: setting(SIZE, 64 * 1024, 'BODY_LIMIT'),
  maxConnections: setting(integer(10, 100_000), 10_000, 'MAX_CONNECTIONS'),
  trustProxy: setting(PROXIES, false as const, 'TRUST_PROXY'),
  corsOrigins: setting(ORIGINS, [], 'CORS_ORIGINS'),
  // Receivers have paths and queries of their own.
  webhookUrl: setting(webUrl(isProduction, /[#\s]/, 'user name and fragment'), null, 'WEBHOOK_URL'),
  webhookSecret: secret(WEBHOOK_SECRET, 'WEBHOOK_SECRET'),
  setupEnabled: setting(BOOLEAN, true, 'SETUP_ENABLED'),
});

/** Where the data lies; null for the embedded PostgreSQL. */
export const DATABASE_VARIABLES = {
  url: secret(DATABASE_URL, 'DATABASE_URL'),
  poolMax: setting(integer(1, 1000), 10, 'DATABASE_POOL_MAX'),
  schema: setting(SCHEMA_NAME, 'public', 'DATABASE_SCHEMA'),
  migrateOnStart: setting(BOOLEAN, true, 'MIGRATE_ON_START'),
} as const;
