import { Clock, SystemClock } from '../../core/clock';
import { OpenTenantDirectory, TenantDirectory } from '../../core/tenant-directory';
import { isBaseUrlTemplate } from '../../endpoint-info/base-url-template';
import { TenantPath } from '../../scim-guard/proxy/tenant-path';
import {
  NoScimTokenEventListener,
  ScimTokenEventListener,
} from '../../core/scim-token-event-listener';
import { DEFAULT_EXTRAS, type ScimTokensExtras } from '../../core/scim-tokens.extras';
import {
  DEFAULT_CAPABILITIES,
  NOTICE_DAYS,
  NUMBER_OPTIONS,
  TEXT_OPTIONS,
  type NumberOption,
  type ResolvedScimTokensOptions,
  type ScimTokensModuleOptions,
  type ScimCapabilities,
} from '../../core/scim-tokens.options';
import {
  BOOLEAN,
  DATABASE_URL,
  DAYS,
  isRecord,
  PEPPER,
  port,
  PROXY_SECRET,
  SCHEMA,
  URI_HEADER,
  WEBHOOK,
  type Kind,
} from './option-kinds';
import { OptionProblems } from './option-problems';
import { resolveAuthentication } from './resolve-authentication';

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
    adminAuthentication: resolveAuthentication(problems, given, controllers.length > 0),
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
  return problems.read('baseUrlTemplate', given, kind, '').replace(/(?<!\/)\/+$/, '');
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

function rejectUnknown(problems: OptionProblems, given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (name in DEFAULT_EXTRAS)
      problems.add(name, 'stands beside useFactory, not in what it answers');
    else if (name !== 'jwt' && !(name in known)) problems.add(name, 'is no option');
  }
}
