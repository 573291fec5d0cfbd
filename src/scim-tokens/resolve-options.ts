import { AdminAuthentication, JwtAdminAuthentication } from '../auth/admin-authentication';
import { JwtOptionsError, type JwtOptions } from '../auth/jwt.options';
import { NotAuthenticatedError } from '../common/errors';
import { Clock, SystemClock } from '../common/clock';
import { OpenTenantDirectory, TenantDirectory } from '../tenancy/tenant-directory';
import type { ScimCapabilities } from './endpoint-info/endpoint-info';
import { isBaseUrlTemplate } from './endpoint-info/base-url-template';
import { OptionProblems } from './option-problems';
import { NoScimTokenEventListener, ScimTokenEventListener } from './scim-token-event-listener';
import { DEFAULT_EXTRAS, type ScimTokensExtras } from './scim-tokens.extras';
import { isWebhookSecret, type WebhookOptions } from './outbox/webhook-sender';
import { TenantPath } from './proxy/tenant-path';
import {
  DEFAULT_CAPABILITIES,
  NOTICE_DAYS,
  NUMBER_OPTIONS,
  PEPPER_MIN_BYTES,
  SCHEMA_OPTION,
  TEXT_OPTIONS,
  VERIFY_SECRET,
  VERIFY_URI_HEADERS,
  type NumberOption,
  type ResolvedScimTokensOptions,
  type ScimTokensModuleOptions,
  type VerifyUriHeader,
} from './scim-tokens.options';

/**
 * Checks what the module was registered with and fills in the defaults: the one place for both.
 *
 * @throws ScimTokensOptionsError that names every wrong option and what it takes
 */
export function resolveOptions(
  given: ScimTokensModuleOptions,
  { controllers }: Pick<ScimTokensExtras, 'controllers'>,
): ResolvedScimTokensOptions {
  const problems = new OptionProblems();
  if (!isRecord(given)) {
    problems.add('options', 'takes an object');
    problems.requireNone();
  }
  const number = (name: NumberOption): number => readNumber(problems, name, given[name]);
  const maxTtlDays = number('maxTtlDays');
  const pepper = problems.read('pepper', given.pepper, PEPPER, null);
  const resolved: ResolvedScimTokensOptions = {
    baseUrlTemplate: readBaseUrl(problems, given, controllers.includes('admin')),
    capabilities: readCapabilities(problems, given.capabilities),
    prefix: readText(problems, 'prefix', given.prefix),
    tenantParam: readText(problems, 'tenantParam', given.tenantParam),
    maxTtlDays,
    defaultTtlDays:
      given.defaultTtlDays === undefined
        ? Math.min(NUMBER_OPTIONS.defaultTtlDays.default, maxTtlDays)
        : number('defaultTtlDays'),
    maxActivePerTenant: number('maxActivePerTenant'),
    bcryptCost: number('bcryptCost'),
    cacheTtlSeconds: number('cacheTtlSeconds'),
    cacheMax: number('cacheMax'),
    usageFlushSeconds: number('usageFlushSeconds'),
    purgeAfterDays: number('purgeAfterDays'),
    rateLimitPerMinute: number('rateLimitPerMinute'),
    webhook: problems.read('webhook', given.webhook, WEBHOOK, null),
    expiryNoticeDays: problems.read(
      'expiryNoticeDays',
      given.expiryNoticeDays,
      DAYS,
      NOTICE_DAYS.default,
    ),
    expiryScanSeconds: number('expiryScanSeconds'),
    pepper,
    pepperPrevious: problems.read('pepperPrevious', given.pepperPrevious, PEPPER, null),
    verifySecret: problems.read('verifySecret', given.verifySecret, PROXY_SECRET, null),
    verifyUriHeader: problems.read('verifyUriHeader', given.verifyUriHeader, URI_HEADER, null),
    listenUrl: problems.read('listenUrl', given.listenUrl, DATABASE_URL, null),
    replicaUrl: problems.read('replicaUrl', given.replicaUrl, DATABASE_URL, null),
    schema: problems.read('schema', given.schema, SCHEMA, null),
    runMigrations: problems.read('runMigrations', given.runMigrations, BOOLEAN, false),
    tenantDirectory: problems.read(
      'tenantDirectory',
      given.tenantDirectory,
      port<TenantDirectory>('find', 'tenantIdsOfPartner'),
      new OpenTenantDirectory(),
    ),
    clock: problems.read('clock', given.clock, port<Clock>('now'), new SystemClock()),
    eventListener: problems.read(
      'eventListener',
      given.eventListener,
      port<ScimTokenEventListener>('handle'),
      new NoScimTokenEventListener(),
    ),
    adminAuthentication: readAuthentication(problems, given, controllers.length > 0),
  };
  if (resolved.defaultTtlDays > maxTtlDays) {
    problems.add('defaultTtlDays', 'takes at most maxTtlDays');
  }
  if (pepper !== null && pepper === resolved.pepperPrevious) {
    problems.add('pepperPrevious', 'takes another pepper than pepper');
  }
  requireProxyOptions(problems, resolved);
  rejectUnknown(problems, given, resolved);
  problems.requireNone();
  return Object.freeze(resolved);
}

interface Kind<Value> {
  readonly is: (value: unknown) => value is Value;
  readonly takes: string;
}

const BOOLEAN: Kind<boolean> = {
  is: (value) => typeof value === 'boolean',
  takes: 'true or false',
};

const PEPPER: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && Buffer.byteLength(value) >= PEPPER_MIN_BYTES),
  takes: `a string of at least ${PEPPER_MIN_BYTES} bytes`,
};

const PROXY_SECRET: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && VERIFY_SECRET.is(value)),
  takes: VERIFY_SECRET.takes,
};

const URI_HEADER: Kind<VerifyUriHeader | null> = {
  is: (value): value is VerifyUriHeader | null =>
    value === null || (VERIFY_URI_HEADERS as readonly unknown[]).includes(value),
  takes: VERIFY_URI_HEADERS.join(' or '),
};

/** Both or neither, and a path that says whose it is. */
function requireProxyOptions(
  problems: OptionProblems,
  { verifySecret, verifyUriHeader, baseUrlTemplate }: ResolvedScimTokensOptions,
): void {
  if ((verifySecret === null) !== (verifyUriHeader === null)) {
    const missing = verifySecret === null ? 'verifySecret' : 'verifyUriHeader';
    problems.add(missing, 'is needed too: verifySecret and verifyUriHeader go together');
  }
  if (verifySecret !== null && TenantPath.of(baseUrlTemplate) === null) {
    problems.add('verifySecret', 'takes a baseUrlTemplate with {tenant_id} in its path');
  }
}

const WEBHOOK: Kind<WebhookOptions | null> = {
  is: (value): value is WebhookOptions | null =>
    value === null ||
    (isRecord(value) &&
      typeof value.url === 'string' &&
      URL.canParse(value.url) &&
      /^https?:$/.test(new URL(value.url).protocol) &&
      typeof value.secret === 'string' &&
      isWebhookSecret(value.secret)),
  takes: '{url, secret}: an http or https URL, and whsec_ with 24 to 64 bytes in base64',
};

const DAYS: Kind<readonly number[]> = {
  is: (value): value is readonly number[] =>
    Array.isArray(value) &&
    value.every(
      (day: unknown) =>
        typeof day === 'number' &&
        Number.isInteger(day) &&
        day >= NOTICE_DAYS.min &&
        day <= NOTICE_DAYS.max,
    ),
  takes: `a list of days from ${NOTICE_DAYS.min} to ${NOTICE_DAYS.max}`,
};

const DATABASE_URL: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && /^postgres(ql)?:\/\/[^/]/.test(value)),
  takes: 'a URL such as postgres://user:password@host:5432/database',
};

const SCHEMA: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && SCHEMA_OPTION.pattern.test(value)),
  takes: SCHEMA_OPTION.takes,
};

/** Something with these methods: a host need not extend our classes. */
function port<Port>(...methods: readonly string[]): Kind<Port> {
  return {
    is: (value): value is Port =>
      isRecord(value) && methods.every((method) => typeof value[method] === 'function'),
    takes: `an object with ${methods.join(' and ')}`,
  };
}

function readNumber(problems: OptionProblems, name: NumberOption, given: unknown): number {
  const { min, max, default: fallback } = NUMBER_OPTIONS[name];
  const kind: Kind<number> = {
    is: (value): value is number =>
      typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    takes: `an integer from ${min} to ${max}`,
  };
  return problems.read(name, given, kind, fallback);
}

function readText(
  problems: OptionProblems,
  name: keyof typeof TEXT_OPTIONS,
  given: unknown,
): string {
  const { pattern, takes, default: fallback } = TEXT_OPTIONS[name];
  const is = (value: unknown): value is string => typeof value === 'string' && pattern.test(value);
  return problems.read(name, given, { is, takes }, fallback);
}

function readBaseUrl(
  problems: OptionProblems,
  { baseUrlTemplate: given }: ScimTokensModuleOptions,
  required: boolean,
): string {
  const example = 'such as https://app.example.com/tenants/{tenant_id}/scim/v2';
  if (given === undefined) {
    if (required)
      problems.add('baseUrlTemplate', `is required: the URL of a tenant's SCIM routes, ${example}`);
    return '';
  }
  const kind: Kind<string> = {
    is: (value): value is string => typeof value === 'string' && isBaseUrlTemplate(value),
    takes: `an http or https URL without query and fragment, ${example}`,
  };
  return problems.read('baseUrlTemplate', given, kind, '').replace(/\/+$/, '');
}

function readCapabilities(
  problems: OptionProblems,
  given: Partial<ScimCapabilities> | undefined,
): ScimCapabilities {
  for (const [name, capability] of Object.entries(given ?? {})) {
    const known = name in DEFAULT_CAPABILITIES;
    if (!known || !isRecord(capability) || typeof capability.supported !== 'boolean') {
      const names = Object.keys(DEFAULT_CAPABILITIES).join(', ');
      problems.add(`capabilities.${name}`, `takes {supported: true or false}; known are ${names}`);
    }
  }
  return { ...DEFAULT_CAPABILITIES, ...given };
}

function readAuthentication(
  problems: OptionProblems,
  { jwt, adminAuthentication: given }: ScimTokensModuleOptions,
  required: boolean,
): AdminAuthentication {
  const nobody = new NobodyIsAdmin();
  if (given !== undefined) {
    if (jwt !== undefined) problems.add('jwt', 'cannot be given together with adminAuthentication');
    return problems.read(
      'adminAuthentication',
      given,
      port<AdminAuthentication>('authenticate'),
      nobody,
    );
  }
  if (jwt === undefined) {
    if (required)
      problems.add(
        'jwt',
        'is required: how admin JWTs are verified, or adminAuthentication in its place',
      );
    return nobody;
  }
  return readJwt(problems, jwt) ?? nobody;
}

function readJwt(problems: OptionProblems, jwt: JwtOptions): AdminAuthentication | null {
  if (!isRecord(jwt) || !isRecord(jwt.key)) {
    problems.add('jwt.key', 'takes one of {secret}, {publicKey} and {jwksUri}');
    return null;
  }
  for (const [name, value] of Object.entries(jwt.key)) {
    if (typeof value === 'string') continue;
    problems.add(`jwt.key.${name}`, 'takes a string');
    return null;
  }
  try {
    return new JwtAdminAuthentication(jwt);
  } catch (error) {
    if (!(error instanceof JwtOptionsError)) throw error;
    problems.add(`jwt.${error.option}`, error.expectation);
    return null;
  }
}

/** Where no controller is mounted nobody is asked to authenticate. */
class NobodyIsAdmin extends AdminAuthentication {
  authenticate(): never {
    throw new NotAuthenticatedError();
  }
}

function rejectUnknown(problems: OptionProblems, given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (name in DEFAULT_EXTRAS)
      problems.add(name, 'stands beside useFactory, not in what it answers');
    else if (name !== 'jwt' && !(name in known)) problems.add(name, 'is no option');
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
