import type { Command } from 'commander';
import {
  integer,
  list,
  readStandardInput,
  UsageError,
  type CliContext,
  printableJson,
} from '../command-line';
import { tokenPath, type AdminApi, type TokenView, type TokenWithValue } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { addListCommand } from './list.command';
import { printForm, printValue, TOKEN_HEADER, tokenLine, type ProviderForm } from './token-text';

/** `tokens …`: the admin API of a running service. */
export function addTokensCommands(program: Command, context: CliContext): void {
  const tokens = program
    .command('tokens')
    .helpCommand(false)
    .description('List, create, rotate, revoke and identify SCIM tokens of a running service.');
  addListCommand(tokens, context);
  addCreateCommand(tokens, context);
  addRotateCommand(tokens, context);
  addRevokeCommand(tokens, context);
  addIdentifyCommand(tokens, context);
}

interface CreateOptions extends AdminOptions {
  readonly name: string;
  readonly tenant?: string;
  readonly description?: string;
  readonly scopes?: readonly string[];
  readonly allowedIps?: readonly string[];
  readonly expiresInDays?: number;
  readonly expiresAt?: string;
  readonly provider?: string;
}

/** `tokens create`: prints the new value alone on standard output, a provider's form beside it. */
function addCreateCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('create')
      .description('Create a token and print its value, which cannot be shown again.')
      .requiredOption('--name <name>', 'such as "Okta production"')
      .option('--tenant <id>', 'whose it is; not needed with the JWT of a tenant_admin')
      .option('--description <text>', 'what it is for')
      .option('--scopes <list>', 'such as users:read,groups:read (default: all four)', list)
      .option('--allowed-ips <list>', 'networks it may be used from, such as 192.0.2.0/24', list)
      .option('--expires-in-days <days>', 'lifetime', integer)
      .option('--expires-at <time>', 'such as 2027-01-01T00:00:00Z')
      .option('--provider <id>', 'such as okta or entra: also say what to enter in its console'),
  ).action(async (options: CreateOptions) => {
    const { name, tenant, description, scopes, allowedIps, expiresInDays, expiresAt } = options;
    const api = await adminApi(options, context);
    const form = options.provider && (await providerForm(api, options.provider, tenant));
    const token = await api.call<TokenWithValue>('POST', '', {
      name,
      tenant_id: tenant,
      description,
      scopes,
      allowed_ips: allowedIps,
      expires_in_days: expiresInDays,
      expires_at: expiresAt,
    });
    printValue(token, options.json === true);
    if (form) printForm(form);
  });
}

/**
 * What to enter in a provider's console for a tenant, as endpoint-info has it.
 *
 * @param tenant undefined for the JWT's own
 * @throws UsageError that names the providers there are, where this is none
 */
async function providerForm(
  api: AdminApi,
  id: string,
  tenant: string | undefined,
): Promise<ProviderForm> {
  const query =
    tenant === undefined ? '' : `?${new URLSearchParams({ tenant_id: tenant }).toString()}`;
  const path = `endpoint-info${query}`;
  const { providers } = await api.call<{ providers: readonly ProviderForm[] }>('GET', path);
  const form = providers.find((provider) => provider.id === id);
  if (!form) {
    throw new UsageError(`--provider takes one of ${providers.map((one) => one.id).join(', ')}`);
  }
  return form;
}

interface RotateOptions extends AdminOptions {
  readonly overlapHours?: number;
  readonly expiresInDays?: number;
}

/** `tokens rotate`: prints the new value alone on standard output. */
function addRotateCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('rotate')
      .description('Give a token a new value, and print it; the old one works on for the overlap.')
      .argument('<id>', 'of the token: sct_…')
      .option('--overlap-hours <hours>', '0 to 168 (default: 24)', integer)
      .option('--expires-in-days <days>', 'lifetime from now', integer),
  ).action(async (id: string, { overlapHours, expiresInDays, ...options }: RotateOptions) => {
    const path = `${tokenPath(id)}/rotate`;
    const api = await adminApi(options, context);
    const token = await api.call<TokenWithValue>('POST', path, {
      overlap_hours: overlapHours,
      expires_in_days: expiresInDays,
    });
    printValue(token, options.json === true);
  });
}

interface RevokeOptions extends AdminOptions {
  readonly reason?: string;
}

/** `tokens revoke`: for good; again is no error. */
function addRevokeCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('revoke')
      .description('End a token for good. Again is no error.')
      .argument('<id>', 'of the token: sct_…')
      .option('--reason <text>', 'kept with the token and in the audit trail'),
  ).action(async (id: string, { reason, ...options }: RevokeOptions) => {
    const path = tokenPath(id);
    const api = await adminApi(options, context);
    const query = reason === undefined ? '' : `?${new URLSearchParams({ reason }).toString()}`;
    await api.call('DELETE', path + query);
    process.stdout.write(
      options.json ? `${JSON.stringify({ id, status: 'revoked' })}\n` : `Revoked ${id}.\n`,
    );
  });
}

/** `tokens identify`: whose a value is that turned up somewhere. */
function addIdentifyCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('identify')
      .description(
        'Say whose the value is that comes on standard input; the JWT then comes by --jwt-file or SCIM_TOKENS_JWT.',
      ),
  ).action(async (options: AdminOptions) => {
    const api = await adminApi(options, context, { stdinIsTaken: true });
    const value = await readStandardInput('the value');
    if (value === '') throw new UsageError('Standard input has to hold the value');
    const token = await api.call<TokenView>('POST', 'identify', { token: value });
    process.stdout.write(
      options.json ? `${printableJson(token)}\n` : `${TOKEN_HEADER}\n${tokenLine(token)}\n`,
    );
  });
}
