import { readFile } from 'node:fs/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { readStandardInput, UsageError, type CliContext } from '../command-line';
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
  if (file !== undefined) return (await readFile(file, 'utf8')).trim();
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

const URL_TAKES = 'takes an http or https URL such as https://scim.example.com';

function urlOption(text: string): string {
  const url = serviceUrl(text);
  if (url === null) throw new InvalidArgumentError(`It ${URL_TAKES}.`);
  return url;
}

function urlFrom({ PUBLIC_URL = '' }: NodeJS.ProcessEnv): string {
  const url = serviceUrl(PUBLIC_URL.trim() || DEFAULT_URL);
  if (url === null) throw new UsageError(`PUBLIC_URL ${URL_TAKES}`);
  return url;
}

/** Without a slash at its end; null for what is no address of a service. */
function serviceUrl(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, username, password, search, hash, href } = new URL(text);
  if (!/^https?:$/.test(protocol) || username + password + search + hash !== '') return null;
  return href.replace(/(?<!\/)\/+$/, '');
}
