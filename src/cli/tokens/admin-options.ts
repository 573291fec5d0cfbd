import { Option, type Command } from 'commander';
import { readFileOf, readStandardInput, UsageError, type CliContext } from '../command-line';
import { serviceUrl, URL_TAKES, urlOption } from '../url-option';
import { AdminApi } from './admin-api';

const DEFAULT_URL = 'http://127.0.0.1:3000';

/** What every command takes that talks to the admin API. */
export interface AdminOptions {
  readonly url?: string;
  readonly jwtFile?: string;
  readonly json?: true;
}

/** Gives a command the options for the admin API. */
export function withAdminOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--url <url>', `of the service (default: PUBLIC_URL or ${DEFAULT_URL})`).argParser(
        urlOption,
      ),
    )
    .option(
      '--jwt-file <file>',
      'file with the admin JWT; without it SCIM_TOKENS_JWT, or else standard input',
    )
    .option('--json', 'print JSON');
}

/**
 * The admin API of the service that the options mean. The JWT is never an argument: those are seen by
 * everyone on the machine, and kept in the shell's history.
 *
 * @throws UsageError where there is no JWT
 */
export async function adminApi(
  { url, jwtFile }: AdminOptions,
  { environment }: CliContext,
  { stdinIsTaken = false } = {},
): Promise<AdminApi> {
  return new AdminApi(
    url ?? urlFrom(environment),
    await adminJwt(jwtFile, environment, stdinIsTaken),
  );
}

async function adminJwt(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  stdinIsTaken: boolean,
): Promise<string> {
  if (file !== undefined) return (await readFileOf('--jwt-file', file)).trim();
  const variable = environment.SCIM_TOKENS_JWT?.trim() ?? '';
  if (variable !== '') return variable;
  const nonePiped = stdinIsTaken || process.stdin.isTTY;
  const jwt = nonePiped ? '' : await readStandardInput('the admin JWT');
  if (jwt !== '') return jwt;
  const pipe = stdinIsTaken ? '' : ', or pipe the JWT in';
  throw new UsageError(
    `No admin JWT: set SCIM_TOKENS_JWT, give --jwt-file${pipe} (in development \`nest-scim-tokens token --role super_admin\` prints one)`,
  );
}

function urlFrom({ PUBLIC_URL = '' }: NodeJS.ProcessEnv): string {
  const url = serviceUrl(PUBLIC_URL.trim() || DEFAULT_URL);
  if (url === null) throw new UsageError(`PUBLIC_URL ${URL_TAKES}`);
  return url;
}
