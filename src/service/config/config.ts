import { resolve } from 'node:path';
import { isBaseUrlTemplate } from '../../endpoint-info/base-url-template';
import { TenantPath } from '../../scim-guard/proxy/tenant-path';
import {
  NUMBER_OPTIONS,
  SCHEMA_OPTION,
  TEXT_OPTIONS,
  type NumberOption,
} from '../../core/scim-tokens.options';
import {
  FileTenantDirectory,
  OpenTenantDirectory,
  type TenantDirectory,
} from '../../core/tenant-directory';
import { developmentKey } from './development-keys';
import { refuseExamples } from './documented-examples';
import { Environment } from './environment';
import { jwtConfig } from './jwt.config';
import * as parse from './parsers';
import { warningsOf } from './warnings';

/** The service's whole configuration, checked. Durations and sizes carry their unit in their name. */
export type AppConfig = ReturnType<typeof loadConfig>;

const ENVIRONMENTS = ['development', 'test', 'production'] as const;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

/** The range of one of the module's own options. */
const within = (name: NumberOption) =>
  parse.integer(NUMBER_OPTIONS[name].min, NUMBER_OPTIONS[name].max);

/**
 * Reads and checks the environment once. Outside production it makes the keys that are not given, in
 * `DATA_DIR`.
 *
 * @param keyOf where a development key comes from
 * @throws ConfigError that names every wrong variable and what it takes, never what it held
 */
export function loadConfig(
  variables: Readonly<Record<string, string | undefined>>,
  keyOf: (dataDir: string, name: string) => string = developmentKey,
) {
  const env = new Environment(variables);
  const environment = env.read('NODE_ENV', parse.oneOf(ENVIRONMENTS), 'development' as const);
  const production = environment === 'production';
  const dataDir = dataDirOf(env);
  const http = httpConfig(env, production);
  const database = databaseConfig(env, production);
  const { key, ...jwt } = jwtConfig(env, production);
  const tokens = tokensConfig(env, http.publicUrl, production);
  const config = {
    environment,
    dataDir,
    http,
    database,
    tenantDirectory: tenantDirectory(env),
    docsEnabled: env.read('DOCS_ENABLED', parse.boolean, true),
    metricsEnabled: env.read('METRICS_ENABLED', parse.boolean, true),
    logLevel: env.read('LOG_LEVEL', parse.oneOf(LOG_LEVELS), 'info' as const),
    webhook: webhookConfig(env, production),
    expiry: {
      noticeDays: env.read('EXPIRY_NOTICE_DAYS', parse.noticeDays, [30, 14, 7, 1]),
      scanSeconds: env.read('EXPIRY_SCAN_SECONDS', parse.integer(1, 86_400), 60),
    },
  };
  if (production) {
    refuseExamples(env, {
      JWT_SECRET: key && 'secret' in key ? key.secret : null,
      SCIM_TOKEN_PEPPER: tokens.pepper,
      SCIM_TOKEN_PEPPER_PREVIOUS: tokens.pepperPrevious,
      SCIM_VERIFY_SECRET: tokens.verifySecret,
    });
  }
  env.requireSound();

  return Object.freeze({
    ...config,
    jwt: { ...jwt, key: key ?? { secret: keyOf(dataDir, 'jwt-secret') } },
    /** Whether admin JWTs are verified with a key that was made for development. */
    jwtKeyIsDevelopment: key === null,
    tokens: {
      ...tokens,
      pepper: tokens.pepper ?? (production ? null : keyOf(dataDir, 'token-pepper')),
    },
    /** What the operator should know, though the service can do with it. */
    warnings: warningsOf(http, { lacksPepper: production && tokens.pepper === null }),
  });
}

/**
 * Reads the part of the configuration that says where the data lies, for commands that need no more.
 *
 * @throws ConfigError
 */
export function loadDatabaseConfig(variables: Readonly<Record<string, string | undefined>>) {
  const env = new Environment(variables);
  const environment = env.read('NODE_ENV', parse.oneOf(ENVIRONMENTS), 'development' as const);
  const config = {
    ...databaseConfig(env, environment === 'production'),
    dataDir: dataDirOf(env),
  };
  env.requireSound();
  return config;
}

function dataDirOf(env: Environment): string {
  return resolve(env.read('DATA_DIR', parse.text, '.data'));
}

function tenantDirectory(env: Environment): TenantDirectory {
  const path = env.read('TENANTS_FILE', parse.text, null);
  const open = new OpenTenantDirectory();
  if (path === null) return open;
  try {
    return FileTenantDirectory.load(path);
  } catch (error) {
    env.reject('TENANTS_FILE', `names ${path}: ${(error as Error).message}`);
    return open;
  }
}

function httpConfig(env: Environment, production: boolean) {
  const port = env.read('PORT', parse.integer(1, 65_535), 3000);
  const host = env.read('HOST', parse.matching(/^\S+$/, 'a host name or an address'), '127.0.0.1');
  const publicUrl = env.read('PUBLIC_URL', parse.httpUrl({ httpsOnly: production }), null);
  if (production && publicUrl === null) {
    env.reject(
      'PUBLIC_URL',
      'is required in production: the https URL under which clients reach the service',
    );
  }
  return {
    port,
    host,
    publicUrl: publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    bodyLimitBytes: env.read('BODY_LIMIT', parse.size, 64 * 1024),
    maxConnections: env.read('MAX_CONNECTIONS', parse.integer(10, 100_000), 10_000),
    rateLimitPerMinute: env.read(
      'RATE_LIMIT_PER_MINUTE',
      within('rateLimitPerMinute'),
      NUMBER_OPTIONS.rateLimitPerMinute.default,
    ),
    trustProxy: env.read('TRUST_PROXY', parse.proxies, false as const),
    corsOrigins: env.read('CORS_ORIGINS', parse.origins, []),
  };
}

function databaseConfig(env: Environment, production: boolean) {
  const url = env.secret('DATABASE_URL', parse.databaseUrl, null);
  if (production && url === null) {
    env.reject(
      'DATABASE_URL',
      'is required in production, such as postgres://user:password@host:5432/database',
    );
  }
  return {
    /** Null for the embedded PostgreSQL. */
    url,
    listenUrl: env.secret('DATABASE_LISTEN_URL', parse.databaseUrl, null),
    replicaUrl: env.secret('DATABASE_REPLICA_URL', parse.databaseUrl, null),
    poolMax: env.read('DATABASE_POOL_MAX', parse.integer(1, 1000), 10),
    schema: env.read(
      'DATABASE_SCHEMA',
      parse.matching(SCHEMA_OPTION.pattern, SCHEMA_OPTION.takes),
      'public',
    ),
    migrateOnStart: env.read('MIGRATE_ON_START', parse.boolean, true),
  };
}

function tokensConfig(env: Environment, publicUrl: string, production: boolean) {
  const number = (variable: string, name: NumberOption) =>
    env.read(variable, within(name), NUMBER_OPTIONS[name].default);
  const maxTtlDays = number('SCIM_TOKEN_MAX_TTL_DAYS', 'maxTtlDays');
  const givenTtlDays = env.read('SCIM_TOKEN_DEFAULT_TTL_DAYS', within('defaultTtlDays'), null);
  if (givenTtlDays !== null && givenTtlDays > maxTtlDays) {
    env.reject('SCIM_TOKEN_DEFAULT_TTL_DAYS', 'takes at most SCIM_TOKEN_MAX_TTL_DAYS');
  }
  const pepper = env.secret('SCIM_TOKEN_PEPPER', parse.strongSecret, null);
  const pepperPrevious = env.secret('SCIM_TOKEN_PEPPER_PREVIOUS', parse.strongSecret, null);
  if (pepper !== null && pepper === pepperPrevious) {
    env.reject('SCIM_TOKEN_PEPPER_PREVIOUS', 'takes another pepper than SCIM_TOKEN_PEPPER');
  }
  const template = baseUrlTemplate(env, publicUrl, production);
  return {
    baseUrlTemplate: template,
    ...proxyConfig(env, template),
    prefix: env.read(
      'SCIM_TOKEN_PREFIX',
      parse.matching(TEXT_OPTIONS.prefix.pattern, TEXT_OPTIONS.prefix.takes),
      TEXT_OPTIONS.prefix.default,
    ),
    defaultTtlDays: givenTtlDays ?? Math.min(NUMBER_OPTIONS.defaultTtlDays.default, maxTtlDays),
    maxTtlDays,
    maxActivePerTenant: number('SCIM_TOKEN_MAX_ACTIVE_PER_TENANT', 'maxActivePerTenant'),
    bcryptCost: number('SCIM_TOKEN_BCRYPT_COST', 'bcryptCost'),
    pepper,
    pepperPrevious,
    cacheTtlSeconds: number('SCIM_TOKEN_CACHE_TTL_SECONDS', 'cacheTtlSeconds'),
    cacheMax: number('SCIM_TOKEN_CACHE_MAX', 'cacheMax'),
    usageFlushSeconds: number('SCIM_TOKEN_USAGE_FLUSH_SECONDS', 'usageFlushSeconds'),
    purgeAfterDays: number('SCIM_TOKEN_PURGE_AFTER_DAYS', 'purgeAfterDays'),
  };
}

/** How a reverse proxy asks for verification; nulls where none may. */
function proxyConfig(env: Environment, template: string) {
  const verifySecret = env.secret('SCIM_VERIFY_SECRET', parse.proxySecret, null);
  const verifyUriHeader = env.read('SCIM_VERIFY_URI_HEADER', parse.uriHeader, null);
  for (const [name, other] of [
    ['SCIM_VERIFY_SECRET', 'SCIM_VERIFY_URI_HEADER'],
    ['SCIM_VERIFY_URI_HEADER', 'SCIM_VERIFY_SECRET'],
  ] as const) {
    if (!env.has(name) && env.has(other)) env.reject(name, 'is needed too: the two go together');
  }
  if (env.has('SCIM_VERIFY_SECRET') && TenantPath.of(template) === null) {
    env.reject('SCIM_VERIFY_SECRET', 'takes a SCIM_BASE_URL_TEMPLATE with {tenant_id} in its path');
  }
  return { verifySecret, verifyUriHeader };
}

function baseUrlTemplate(env: Environment, publicUrl: string, production: boolean): string {
  const name = 'SCIM_BASE_URL_TEMPLATE';
  const template = env
    .read(name, parse.text, '{public_url}/api/v1/tenants/{tenant_id}/scim/v2')
    .replaceAll('{public_url}', publicUrl);
  // A missing PUBLIC_URL is told where it is read.
  const httpsOnly = production && !template.startsWith(publicUrl);
  if (!isBaseUrlTemplate(template, { httpsOnly })) {
    const kind = httpsOnly ? 'an https URL' : 'an http or https URL';
    env.reject(
      name,
      `takes ${kind} without query and fragment, with no other placeholders than {public_url} and {tenant_id}`,
    );
  }
  return template.replace(/(?<!\/)\/+$/, '');
}

function webhookConfig(env: Environment, production: boolean) {
  const url = env.read('WEBHOOK_URL', parse.receiverUrl({ httpsOnly: production }), null);
  const secret = env.secret('WEBHOOK_SECRET', parse.webhookSecret, null);
  for (const [name, other] of [
    ['WEBHOOK_URL', 'WEBHOOK_SECRET'],
    ['WEBHOOK_SECRET', 'WEBHOOK_URL'],
  ] as const) {
    if (!env.has(name) && env.has(other)) env.reject(name, 'is needed too: the two go together');
  }
  return url !== null && secret !== null ? { url, secret } : null;
}
