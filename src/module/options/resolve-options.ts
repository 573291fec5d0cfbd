import {
  DEFAULT_EXTRAS,
  type ScimTokensExtras,
  type ResolvedScimTokensOptions,
  type ScimCapabilities,
  type ScimTokensModuleOptions,
} from '../../core/scim-tokens.options';
import { setupApiPath } from '../../core/setup-urls';
import { checkedIssuers } from '../../core/trusted-issuers';
import { isRecord } from '../../core/checks';
import { TenantPath } from '../../scim-guard/proxy/tenant-path';
import { BASE_URL_EXAMPLE, DEFAULT_CAPABILITIES, EXTRAS, OPTIONS } from './options.schema';
import { GivenOptions } from './given-options';
import { resolveAuthentication } from './resolve-authentication';
import { resolveSetup } from './resolve-setup';
import type { Settings } from './settings';

/** Days that a token lives where neither its creator nor an option says how long. */
const DEFAULT_TTL_DAYS = 365;

/**
 * Checks what the module was registered with and fills in the defaults.
 *
 * @throws ScimTokensOptionsError that names every wrong option and what it takes
 */
export function resolveOptions(
  given: ScimTokensModuleOptions,
  { controllers }: Pick<ScimTokensExtras, 'controllers'>,
): ResolvedScimTokensOptions {
  const settings = new GivenOptions(given);
  if (!isRecord(given)) {
    settings.reject('options', 'takes an object');
    settings.requireSound();
  }
  const baseUrlTemplate = settings.read(OPTIONS.baseUrlTemplate, 'baseUrlTemplate');
  if (given.baseUrlTemplate === undefined && controllers.includes('admin')) {
    settings.reject(
      'baseUrlTemplate',
      `is required: the URL of a tenant's SCIM routes, ${BASE_URL_EXAMPLE}`,
    );
  }
  const options = readOptions(settings, baseUrlTemplate);
  const [origin = ''] = /^\w+:\/\/[^/]*/.exec(options.baseUrlTemplate) ?? [];
  const resolved: ResolvedScimTokensOptions = {
    ...options,
    capabilities: readCapabilities(settings, given.capabilities),
    oauth: readOAuth(settings, given.oauth),
    setup: resolveSetup(settings, given.setup, options.publicUrl ?? origin),
    adminAuthentication: resolveAuthentication(settings, given, controllers.length > 0),
  };
  rejectUnknown(settings, given, resolved);
  settings.requireSound();
  return Object.freeze(resolved);
}

/**
 * Fills in the defaults of what stands beside `useFactory`, and trims slashes off the paths.
 *
 * @throws ScimTokensOptionsError that names every wrong one and what it takes
 */
export function resolveExtras(given: Partial<ScimTokensExtras>): ScimTokensExtras {
  const settings = new GivenOptions(given);
  const { path, publicPath, setupPath, ...others } = settings.readAll(EXTRAS);
  const paths = {
    path: trimmed(path),
    publicPath: trimmed(publicPath),
    setupPath: trimmed(setupPath),
  };
  if ([paths.path, paths.publicPath, setupApiPath(paths.publicPath)].includes(paths.setupPath)) {
    settings.reject('setupPath', 'takes another path than those of the APIs');
  }
  settings.requireSound();
  return { ...others, ...paths };
}

/**
 * Every option that stands in the schema, checked by itself and against the others: those of a host, and
 * those that the service reads from variables.
 */
export function readOptions(settings: Settings, template: string) {
  const nameOf = (option: keyof typeof OPTIONS): string => settings.nameOf(option);
  const { baseUrlTemplate: _, ...others } = OPTIONS;
  const { defaultTtlDays, ...options } = settings.readAll(others);
  const { maxTtlDays, pepper, pepperPrevious } = options;
  if (defaultTtlDays !== undefined && defaultTtlDays > maxTtlDays) {
    settings.reject(nameOf('defaultTtlDays'), `takes at most ${nameOf('maxTtlDays')}`);
  }
  if (pepper !== null && pepper === pepperPrevious) {
    settings.reject(nameOf('pepperPrevious'), `takes another pepper than ${nameOf('pepper')}`);
  }
  const verifySecret = nameOf('verifySecret');
  const baseUrlTemplate = template.replace(/(?<!\/)\/+$/, '');
  settings.requireBoth(verifySecret, nameOf('verifyUriHeader'));
  if (settings.isGiven(verifySecret) && TenantPath.of(baseUrlTemplate) === null) {
    settings.reject(
      verifySecret,
      `takes a ${nameOf('baseUrlTemplate')} with {tenant_id} in its path`,
    );
  }
  return {
    ...options,
    baseUrlTemplate,
    defaultTtlDays: defaultTtlDays ?? Math.min(DEFAULT_TTL_DAYS, maxTtlDays),
  };
}

function readCapabilities(
  settings: Settings,
  given: Partial<ScimCapabilities> | undefined,
): ScimCapabilities {
  for (const [name, capability] of Object.entries(given ?? {})) {
    const known = name in DEFAULT_CAPABILITIES;
    if (!known || !isRecord(capability) || typeof capability.supported !== 'boolean') {
      const names = Object.keys(DEFAULT_CAPABILITIES).join(', ');
      settings.reject(
        `capabilities.${name}`,
        `takes {supported: true or false}; known are ${names}`,
      );
    }
  }
  return { ...DEFAULT_CAPABILITIES, ...given };
}

function readOAuth(
  settings: Settings,
  given: ScimTokensModuleOptions['oauth'] = {},
): ResolvedScimTokensOptions['oauth'] {
  if (given === false) return null;
  if (!isRecord(given) || Object.keys(given).some((name) => name !== 'issuers')) {
    settings.reject('oauth', 'takes {issuers} or false');
    return null;
  }
  try {
    return { issuers: checkedIssuers(given.issuers ?? []) };
  } catch (error) {
    settings.reject('oauth:', (error as Error).message);
    return null;
  }
}

function rejectUnknown(settings: Settings, given: object, known: object): void {
  for (const name of Object.keys(given)) {
    if (name in DEFAULT_EXTRAS)
      settings.reject(name, 'stands beside useFactory, not in what it answers');
    else if (name !== 'jwt' && !(name in known)) settings.reject(name, 'is no option');
  }
}

function trimmed(path: string): string {
  return path.replace(/^\/|\/$/g, '');
}
