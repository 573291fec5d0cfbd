import type { Command } from 'commander';
import type { CliContext } from '../cli-context';
import { integer, list } from '../option-parsers';
import type { TokenWithValue } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { printForm, providerForm } from './provider-form';
import { printValue } from './token-text';

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
export function addCreateCommand(tokens: Command, context: CliContext): void {
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
