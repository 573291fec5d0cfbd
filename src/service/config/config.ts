import { resolve } from 'node:path';
import { FileTenantDirectory, OpenTenantDirectory } from '../../core/tenant-directory';
import type { TrustedIssuer } from '../../core/trusted-issuers';
import { isBaseUrlTemplate } from '../../endpoint-info/endpoint-info';
import { readOptions } from '../../module/options/resolve-options';
import { loadIssuers } from './issuers-file';
import { developmentKey } from './data-folder';
import { Environment } from './environment';
import { jwtConfig } from './jwt.config';
import { checkLogo } from '../../module/options/resolve-setup';
import { BRAND_OPTIONS, setupOptions } from '../../module/options/setup.schema';
import { DATABASE_VARIABLES, urlKind, variables as own } from './variables';

/** The service's whole configuration, checked. Durations and sizes carry their unit in their name. */
export type AppConfig = ReturnType<typeof loadConfig>;

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
  const { isProduction } = env;
  const given = env.readAll(own(isProduction));
  const { environment, docsEnabled, metricsEnabled, logLevel, port, trustProxy } = given;
  const dataDir = resolve(given.dataDir);
  const publicUrl = given.publicUrl ?? urlOf(given);
  if (isProduction && given.publicUrl === null) {
    env.reject(
      'PUBLIC_URL',
      'is required in production: the https URL under which clients reach the service',
    );
  }
  const database = databaseConfig(env);
  const { key, ...jwt } = jwtConfig(env);
  const tokens = readOptions(env, baseUrlTemplate(env, given.baseUrlTemplate, publicUrl));
  const tenantDirectory = readTenants(env, given.tenantsFile);
  const issuers = readIssuers(env, given.oauthIssuersFile);
  const setup = setupConfig(env);
  const { webhookUrl: url, webhookSecret: secret } = given;
  env.requireBoth('WEBHOOK_URL', 'WEBHOOK_SECRET');
  env.requireSound();

  return Object.freeze({
    environment,
    dataDir,
    http: {
      port,
      host: given.host,
      publicUrl,
      bodyLimitBytes: given.bodyLimitBytes,
      maxConnections: given.maxConnections,
      trustProxy,
      corsOrigins: given.corsOrigins,
    },
    database,
    tenantDirectory,
    docsEnabled,
    metricsEnabled,
    logLevel,
    jwt: { ...jwt, key: key ?? { secret: keyOf(dataDir, 'jwt-secret') } },
    /** Whether admin JWTs are verified with a key that was made for development. */
    jwtKeyIsDevelopment: key === null,
    /** The module's options, but for the JWTs' and the directory. */
    tokens: {
      ...tokens,
      publicUrl,
      webhook: url !== null && secret !== null ? { url, secret } : null,
      oauth: given.oauthEnabled && { issuers },
      setup: given.setupEnabled ? { ...setup, publicUrl } : null,
      pepper: tokens.pepper ?? (isProduction ? null : keyOf(dataDir, 'token-pepper')),
    },
    /** What the operator should know, though the service can do with it. */
    warnings: [
      ...(isProduction && tokens.pepper === null ? [NO_PEPPER] : []),
      ...(/^https:/i.test(publicUrl) && trustProxy === false ? [NO_PROXY] : []),
    ],
  });
}

const NO_PEPPER =
  'SCIM_TOKEN_PEPPER is not set: tokens are safe, but the first check of each is slower';
const NO_PROXY =
  'TRUST_PROXY is not set, though PUBLIC_URL is https: the address of the proxy in front is taken for ' +
  'that of every client, in allowed_ips, limits and the audit trail';

/**
 * Reads the part of the configuration that says where the data lies, for commands that need no more.
 *
 * @throws ConfigError
 */
export function loadDatabaseConfig(variables: Readonly<Record<string, string | undefined>>) {
  const env = new Environment(variables);
  const { environment, dataDir } = own(env.isProduction);
  env.read(environment);
  const config = { ...databaseConfig(env), dataDir: resolve(env.read(dataDir)) };
  env.requireSound();
  return config;
}

function databaseConfig(env: Environment) {
  const database = env.readAll(DATABASE_VARIABLES);
  if (env.isProduction && database.url === null) {
    env.reject(
      'DATABASE_URL',
      'is required in production, such as postgres://user:password@host:5432/database',
    );
  }
  return database;
}

function setupConfig(env: Environment) {
  const brand = env.readAll(BRAND_OPTIONS);
  checkLogo(env, 'SETUP_LOGO_FILE', brand.logoFile);
  return { ...env.readAll(setupOptions(env.isProduction)), brand };
}

function urlOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function readTenants(env: Environment, path: string | null) {
  if (path === null) return new OpenTenantDirectory();
  try {
    return FileTenantDirectory.load(path);
  } catch (error) {
    env.reject('TENANTS_FILE', `names ${path}: ${(error as Error).message}`);
    return new OpenTenantDirectory();
  }
}

function readIssuers(env: Environment, path: string | null): readonly TrustedIssuer[] {
  try {
    return path === null ? [] : loadIssuers(path);
  } catch (error) {
    env.reject('SCIM_OAUTH_ISSUERS_FILE', `names ${String(path)}: ${(error as Error).message}`);
    return [];
  }
}

function baseUrlTemplate(env: Environment, given: string, publicUrl: string): string {
  const template = given.replaceAll('{public_url}', publicUrl);
  // A missing PUBLIC_URL is told where it is read.
  const httpsOnly = env.isProduction && !template.startsWith(publicUrl);
  if (!isBaseUrlTemplate(template, { httpsOnly })) {
    env.reject(
      'SCIM_BASE_URL_TEMPLATE',
      `takes ${urlKind(httpsOnly)} without query and fragment, with no other placeholders than {public_url} and {tenant_id}`,
    );
  }
  return template;
}
