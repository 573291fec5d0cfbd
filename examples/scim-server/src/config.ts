import type { TrustedIssuer } from 'nest-scim-tokens';

/** The app's settings, from the environment. */
export interface Config {
  readonly port: number;
  readonly host: string;
  /** Where clients reach the app, without a trailing slash. */
  readonly publicUrl: string;
  readonly databaseUrl: string;
  /** Key of the administrators' JWTs (HS256). */
  readonly jwtSecret: string;
  /** Key of the MAC beside the tokens' bcrypt hashes, null for none. */
  readonly pepper: string | null;
  /** Whose assertions workload identities may prove themselves by, besides Entra's. */
  readonly oauthIssuers: readonly TrustedIssuer[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads and checks the environment.
 *
 * @throws Error that names every wrong variable, and no value
 */
export function loadConfig(environment: Environment): Config {
  const problems: string[] = [];
  const require = (name: string, fits: (value: string) => boolean, takes: string): string => {
    const value = environment[name] ?? '';
    if (!fits(value)) problems.push(`${name} takes ${takes}`);
    return value;
  };
  const { HOST: host = '127.0.0.1', PORT = '3000', SCIM_TOKEN_PEPPER: pepper } = environment;
  const port = Number(PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push('PORT takes 0 to 65535');
  const publicUrl = environment.PUBLIC_URL ?? `http://${host}:${port}`;
  if (!URL.canParse(publicUrl)) problems.push('PUBLIC_URL takes a URL');
  const config: Config = {
    port,
    host,
    publicUrl: publicUrl.replace(/(?<!\/)\/+$/, ''),
    databaseUrl: require('DATABASE_URL', (value) => value !== '', "PostgreSQL's connection string"),
    jwtSecret: require('JWT_SECRET', hasKeyLength, 'at least 32 bytes'),
    pepper: pepper ?? null,
    oauthIssuers: readIssuers(environment.OAUTH_ISSUERS ?? '[]', problems),
  };
  if (pepper !== undefined && !hasKeyLength(pepper)) {
    problems.push('SCIM_TOKEN_PEPPER takes at least 32 bytes');
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return config;
}

const hasKeyLength = (value: string): boolean => Buffer.byteLength(value) >= 32;

/** Whether the entries are right, the module says. */
function readIssuers(text: string, problems: string[]): readonly TrustedIssuer[] {
  try {
    return JSON.parse(text) as readonly TrustedIssuer[];
  } catch {
    problems.push(
      'OAUTH_ISSUERS takes JSON such as [{"issuer": "https://…", "jwks_uri": "https://…"}]',
    );
    return [];
  }
}
