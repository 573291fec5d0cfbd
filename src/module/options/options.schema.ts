import { JWKS_MAX_STALE_HOURS } from '../../admin/jwt.options';
import { isRecord } from '../../core/checks';
import { SystemClock, type Clock } from '../../core/clock';
import {
  NoScimTokenEventListener,
  type ScimTokenEventListener,
} from '../../core/scim-token-event-listener';
import {
  CONTROLLER_GROUPS,
  DEFAULT_EXTRAS,
  type ControllerGroup,
  PREPARED_STATEMENTS_MODES,
  type SwaggerDetail,
  VERIFY_URI_HEADERS,
  type ScimCapabilities,
  type WebhookOptions,
} from '../../core/scim-tokens.options';
import {
  isStrongSecret,
  isWebhookSecret,
  STRONG_SECRET_TAKES,
  WEBHOOK_SECRET_TAKES,
} from '../../core/secret-strength';
import { OpenTenantDirectory, type TenantDirectory } from '../../core/tenant-directory';
import { isBaseUrlTemplate } from '../../endpoint-info/endpoint-info';
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
} from './settings';

/** Schema of our tables. */
export const SCHEMA_NAME = matching(
  /^(?!pg_)[A-Za-z_][A-Za-z0-9_]{0,62}$/,
  'the name of a schema: letters, digits and underscores',
);

/** Connection string of PostgreSQL. */
export const DATABASE_URL = textOf(
  'a URL such as postgres://user:password@host:5432/database',
  (text) => {
    const url = URL.canParse(text) ? new URL(text) : null;
    return url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== '';
  },
);

/** Key of webhooks. */
export const WEBHOOK_SECRET = textOf(WEBHOOK_SECRET_TAKES, isWebhookSecret);

/** What a host's base URL looks like. */
export const BASE_URL_EXAMPLE = 'such as https://app.example.com/tenants/{tenant_id}/scim/v2';

const PEPPER = textOf(`a string of ${STRONG_SECRET_TAKES}`, isStrongSecret, {
  textTakes: STRONG_SECRET_TAKES,
});

const PROXY_SECRET = textOf(
  `${STRONG_SECRET_TAKES}, without control characters`,
  (text) => isStrongSecret(text) && !/\p{Cc}/u.test(text),
);

/** In a variable in whatever case. */
const URI_HEADER = {
  ...oneOf(VERIFY_URI_HEADERS, VERIFY_URI_HEADERS.join(' or ')),
  read: (text: string) =>
    VERIFY_URI_HEADERS.find((name) => name.toLowerCase() === text.toLowerCase()),
};

const DAYS_TAKE = 'a list of days from 1 to 365';
const DAYS: Kind<readonly number[]> = {
  ...listOf<number>(DAYS_TAKE, integer(1, 365).is),
  textTakes: `${DAYS_TAKE}, such as 30,14,7,1`,
  read: (text) => {
    const days = listed(text).map(Number);
    return days.length > 0 && [...new Set(days)].sort((a, b) => b - a);
  },
};

const WEBHOOK = kindOf<WebhookOptions>(
  `{url, secret}: an http or https URL, and ${WEBHOOK_SECRET_TAKES}`,
  (value) => {
    const { url, secret: key } = Object(value) as Readonly<Record<string, unknown>>;
    const isUrl = typeof url === 'string' && URL.canParse(url);
    return isUrl && /^https?:$/.test(new URL(url).protocol) && WEBHOOK_SECRET.is(key);
  },
);

/** The module's options: what each takes, its default, and the variable that sets it in the service. */
export const OPTIONS = {
  baseUrlTemplate: setting(
    textOf(`an http or https URL without query and fragment, ${BASE_URL_EXAMPLE}`, (text) =>
      isBaseUrlTemplate(text),
    ),
    '',
    'SCIM_BASE_URL_TEMPLATE',
  ),
  // The service has PUBLIC_URL.
  publicUrl: setting(
    textOf(
      'an http or https URL without query and fragment, and without a slash at its end, such as https://app.example.com',
      (text) => isBaseUrlTemplate(text) && !/[{]|\/$/.test(text),
    ),
    null,
  ),
  prefix: setting(
    matching(/^[a-z][a-z0-9]{1,15}$/, '2 to 16 of a-z and 0-9, starting with a letter'),
    'scim',
    'SCIM_TOKEN_PREFIX',
  ),
  tenantParam: setting(
    matching(
      /^[A-Za-z_]\w{0,62}$/,
      'the name of a route parameter: letters, digits and underscores',
    ),
    'tenant_id',
  ),
  maxTtlDays: setting(integer(1, 3650), 730, 'SCIM_TOKEN_MAX_TTL_DAYS'),
  // Without one 365, or the longest where that is shorter.
  defaultTtlDays: setting(integer(1, 3650), undefined, 'SCIM_TOKEN_DEFAULT_TTL_DAYS'),
  maxActivePerTenant: setting(integer(1, 100_000), 20, 'SCIM_TOKEN_MAX_ACTIVE_PER_TENANT'),
  bcryptCost: setting(integer(10, 14), 10, 'SCIM_TOKEN_BCRYPT_COST'),
  cacheTtlSeconds: setting(integer(0, 3600), 5, 'SCIM_TOKEN_CACHE_TTL_SECONDS'),
  cacheMax: setting(integer(0, 10_000_000), 100_000, 'SCIM_TOKEN_CACHE_MAX'),
  usageFlushSeconds: setting(integer(1, 3600), 5, 'SCIM_TOKEN_USAGE_FLUSH_SECONDS'),
  purgeAfterDays: setting(integer(0, 36_500), 0, 'SCIM_TOKEN_PURGE_AFTER_DAYS'),
  rateLimitPerMinute: setting(integer(0, 1_000_000), 600, 'RATE_LIMIT_PER_MINUTE'),
  // The service has WEBHOOK_URL and WEBHOOK_SECRET.
  webhook: setting(WEBHOOK, null),
  expiryNoticeDays: setting(DAYS, [30, 14, 7, 1], 'EXPIRY_NOTICE_DAYS'),
  expiryScanSeconds: setting(integer(1, 86_400), 60, 'EXPIRY_SCAN_SECONDS'),
  pepper: secret(PEPPER, 'SCIM_TOKEN_PEPPER'),
  pepperPrevious: secret(PEPPER, 'SCIM_TOKEN_PEPPER_PREVIOUS'),
  verifySecret: secret(PROXY_SECRET, 'SCIM_VERIFY_SECRET'),
  verifyUriHeader: setting(URI_HEADER, null, 'SCIM_VERIFY_URI_HEADER'),
  listenUrl: secret(DATABASE_URL, 'DATABASE_LISTEN_URL'),
  replicaUrl: secret(DATABASE_URL, 'DATABASE_REPLICA_URL'),
  preparedStatements: setting(
    oneOf(PREPARED_STATEMENTS_MODES),
    'auto' as const,
    'DATABASE_PREPARED_STATEMENTS',
  ),
  // The service's data source has its DATABASE_SCHEMA, and its migrations run before.
  schema: setting(SCHEMA_NAME, null),
  runMigrations: setting(BOOLEAN, false),
  tenantDirectory: setting(
    port<TenantDirectory>('find', 'tenantIdsOfPartner'),
    new OpenTenantDirectory(),
  ),
  clock: setting(port<Clock>('now'), new SystemClock()),
  eventListener: setting(port<ScimTokenEventListener>('handle'), new NoScimTokenEventListener()),
} as const;

/** What is in the option `jwt`, its key's kinds among them. */
export const JWT_OPTIONS = {
  secret: secret(TEXT, 'JWT_SECRET'),
  publicKey: secret(TEXT, 'JWT_PUBLIC_KEY'),
  jwksUri: setting(TEXT, null, 'JWT_JWKS_URI'),
  algorithms: setting(listOf<string>('a list of strings', TEXT.is), undefined, 'JWT_ALGORITHMS'),
  issuer: setting(TEXT, undefined, 'JWT_ISSUER'),
  audience: setting(TEXT, undefined, 'JWT_AUDIENCE'),
  jwksMaxStaleHours: setting(integer(1, 168), JWKS_MAX_STALE_HOURS, 'JWT_JWKS_MAX_STALE_HOURS'),
} as const;

const PATH = matching(
  /^\/?[\w.~-]+(\/[\w.~-]+)*\/?$/,
  'a path such as api/v1/admin/scim-tokens, without parameters',
);

/** What stands beside `useFactory`; its defaults stand where routes are declared by them. */
export const EXTRAS = {
  path: setting(PATH, DEFAULT_EXTRAS.path),
  publicPath: setting(PATH, DEFAULT_EXTRAS.publicPath),
  setupPath: setting(PATH, DEFAULT_EXTRAS.setupPath),
  dataSource: setting(
    textOf('the name of a TypeORM data source', (text) => text !== ''),
    DEFAULT_EXTRAS.dataSource,
  ),
  isGlobal: setting(BOOLEAN, DEFAULT_EXTRAS.isGlobal),
  controllers: setting(
    listOf<ControllerGroup>(
      `a list of ${CONTROLLER_GROUPS.join(', ')}`,
      oneOf(CONTROLLER_GROUPS).is,
    ),
    DEFAULT_EXTRAS.controllers,
  ),
  swagger: setting(
    oneOf<SwaggerDetail>(['full', 'operations', false], "'full', 'operations' or false"),
    DEFAULT_EXTRAS.swagger,
  ),
  globalInterceptors: setting(BOOLEAN, DEFAULT_EXTRAS.globalInterceptors),
} as const;

/** What the SCIM server behind the base URL announces unless told otherwise, RFC 7643 §5. */
export const DEFAULT_CAPABILITIES: ScimCapabilities = {
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: 200 },
  change_password: { supported: false },
  sort: { supported: false },
  etag: { supported: false },
};

/** Something with these methods: a host need not extend our classes. */
export function port<Port>(...methods: readonly string[]): Kind<Port> {
  return kindOf(`an object with ${methods.join(' and ')}`, (value) =>
    methods.every((method) => isRecord(value) && typeof value[method] === 'function'),
  );
}
