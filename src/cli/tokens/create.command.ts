import { Option, type Command } from 'commander';
import { AUTH_METHODS, type AuthMethod } from '../../core/token';
import { integer, list, UsageError, type CliContext } from '../command-line';
import type { AdminApi, TokenWithValue } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { printForm, printValue, type ProviderForm } from './token-text';

interface TrustOptions {
  readonly trustIssuer?: string;
  readonly trustSubject?: string;
  readonly trustAudience?: string;
  readonly trustTenantId?: string;
  readonly trustAuthorizedParty?: string;
}

interface CreateOptions extends AdminOptions, TrustOptions {
  readonly name: string;
  readonly tenant?: string;
  readonly description?: string;
  readonly scopes?: readonly string[];
  readonly allowedIps?: readonly string[];
  readonly expiresInDays?: number;
  readonly expiresAt?: string;
  readonly authMethod?: AuthMethod;
  readonly accessTokenTtl?: number;
  readonly provider?: string;
  readonly quietAfterHours?: number;
}

/** `tokens create`: prints the new value or client secret alone on standard output, a provider's form beside it. */
export function addCreateCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('create')
      .description(
        'Create a token and print its value, or its client secret: neither can be shown again.',
      )
      .requiredOption('--name <name>', 'such as "Okta production"')
      .option('--tenant <id>', 'whose it is; not needed with the JWT of a tenant_admin')
      .option('--description <text>', 'what it is for')
      .option('--scopes <list>', 'such as users:read,groups:read (default: all four)', list)
      .option('--allowed-ips <list>', 'networks it may be used from, such as 192.0.2.0/24', list)
      .option('--expires-in-days <days>', 'lifetime', integer)
      .option(
        '--expires-at <time>',
        'such as 2027-01-01T00:00:00Z; of a workload_identity also never',
      )
      .addOption(
        new Option(
          '--auth-method <method>',
          'how the identity provider proves itself (default: bearer)',
        ).choices(AUTH_METHODS),
      )
      .option('--access-token-ttl <seconds>', 'of access tokens: 3600 to 21600', integer)
      .option('--trust-issuer <url>', 'issuer of the assertions of a workload_identity')
      .option('--trust-subject <subject>', 'whom they are about')
      .option('--trust-audience <audience>', 'whom they are for, as the console shows it')
      .option('--trust-tenant-id <id>', 'what tid has to be, besides what the issuer says')
      .option('--trust-authorized-party <id>', 'what azp or appid has to be')
      .option(
        '--provider <id>',
        'which identity provider holds it, such as okta or entra: also say what to enter in its console',
      )
      .option(
        '--quiet-after-hours <hours>',
        'without a use, after which it counts as quiet (default: 6 for entra, never for the others)',
        integer,
      ),
  ).action(async (options: CreateOptions) => {
    const { tenant, provider, authMethod = 'bearer' } = options;
    const api = await adminApi(options, context);
    const form = provider && (await providerForm(api, provider, authMethod, tenant));
    const token = await api.call<TokenWithValue>('POST', '', {
      name: options.name,
      tenant_id: tenant,
      description: options.description,
      scopes: options.scopes,
      allowed_ips: options.allowedIps,
      expires_in_days: options.expiresInDays,
      expires_at: options.expiresAt === 'never' ? null : options.expiresAt,
      auth_method: options.authMethod,
      access_token_ttl_seconds: options.accessTokenTtl,
      trust: trustFrom(options),
      provider,
      quiet_after_hours: options.quietAfterHours,
    });
    printValue(token, options.json === true);
    if (form) printForm(form, token);
  });
}

/** Undefined where no option says anything of it. */
function trustFrom(options: TrustOptions): object | undefined {
  const trust = {
    issuer: options.trustIssuer,
    subject: options.trustSubject,
    audience: options.trustAudience,
    tenant_id: options.trustTenantId,
    authorized_party: options.trustAuthorizedParty,
  };
  return Object.values(trust).some((member) => member !== undefined) ? trust : undefined;
}

/** An identity provider's entry of endpoint-info. */
interface Provider {
  readonly id: string;
  readonly name: string;
  readonly methods: readonly (Omit<ProviderForm, 'name'> & { readonly auth_method: AuthMethod })[];
}

/**
 * What to enter in a provider's console for a tenant, as endpoint-info has it.
 *
 * @param tenant undefined for the JWT's own
 * @throws UsageError that names the providers or the methods there are, where this is none
 */
async function providerForm(
  api: AdminApi,
  id: string,
  authMethod: AuthMethod,
  tenant: string | undefined,
): Promise<ProviderForm> {
  const query =
    tenant === undefined ? '' : `?${new URLSearchParams({ tenant_id: tenant }).toString()}`;
  const path = `endpoint-info${query}`;
  const { providers } = await api.call<{ providers: readonly Provider[] }>('GET', path);
  const found = providers.find((provider) => provider.id === id);
  if (!found) {
    throw new UsageError(`--provider takes one of ${providers.map((one) => one.id).join(', ')}`);
  }
  const form = found.methods.find(({ auth_method }) => auth_method === authMethod);
  if (!form) {
    const known = found.methods.map(({ auth_method }) => auth_method);
    throw new UsageError(`${found.name} takes --auth-method ${known.join(' or ')}`);
  }
  return { ...form, name: found.name };
}
