import { Option, type Command } from 'commander';
import { IDENTITY_PROVIDERS } from '../../core/identity-providers';
import { LANGUAGES } from '../../core/languages';
import { SETUP_LINK_STATUSES } from '../../core/setup-link';
import { AUTH_METHODS } from '../../core/token';
import {
  integer,
  list,
  printableJson,
  UsageError,
  visible,
  type CliContext,
} from '../command-line';
import { tokenPath, type AdminApi } from '../tokens/admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from '../tokens/admin-options';
import { minute } from '../tokens/token-text';

const PATH = 'setup-links';

/** A link as the admin API shows it. */
interface LinkView {
  readonly id: string;
  readonly tenant_id: string;
  readonly provider: string | null;
  readonly status: string;
  readonly expires_at: string;
  readonly opened_at: string | null;
}

/** `setup-link …`: links to the setup page of a running service. */
export function addSetupLinkCommands(program: Command, context: CliContext): void {
  const links = program
    .command('setup-link')
    .helpCommand(false)
    .description(
      "Make, list and revoke links by which a customer's IT contact connects an identity provider.",
    );
  addCreateCommand(links, context);
  addListCommand(links, context);
  addRevokeCommand(links, context);
}

interface CreateOptions extends AdminOptions {
  readonly tenant?: string;
  readonly provider?: string;
  readonly authMethod?: string;
  readonly renew?: string;
  readonly expiresInHours?: number;
  readonly language?: string;
  readonly returnUrl?: string;
  readonly name?: string;
  readonly scopes?: readonly string[];
  readonly allowedIps?: readonly string[];
  readonly expiresInDays?: number;
}

/** `setup-link create`: prints the URL alone on standard output. */
function addCreateCommand(links: Command, context: CliContext): void {
  withAdminOptions(
    links
      .command('create')
      .description('Make a link and print its URL, which cannot be shown again.')
      .option('--tenant <id>', 'whose it is; not needed with the JWT of a tenant_admin')
      .addOption(
        new Option('--provider <id>', 'the identity provider (default: the page asks)').choices(
          IDENTITY_PROVIDERS,
        ),
      )
      .addOption(
        new Option(
          '--auth-method <method>',
          'how it proves itself (default: the page asks)',
        ).choices(AUTH_METHODS),
      )
      .option('--renew <token>', 'id of a token to give a new value, in the place of a new token')
      .option(
        '--expires-in-hours <hours>',
        'how long the link works: 1 to 720 (default: 168)',
        integer,
      )
      .addOption(
        new Option('--language <code>', "of the page (default: the browser's)").choices(LANGUAGES),
      )
      .option('--return-url <url>', 'where the page leads back to; SETUP_RETURN_ORIGINS allow it')
      .option('--name <name>', "of the token that it makes (default: the provider's)")
      .option(
        '--scopes <list>',
        'of that token, such as users:read,groups:read (default: all)',
        list,
      )
      .option('--allowed-ips <list>', 'networks that token may be used from', list)
      .option('--expires-in-days <days>', "that token's lifetime", integer),
  ).action(async (options: CreateOptions) => {
    const tokenId = options.renew === undefined ? undefined : tokenPath(options.renew, '--renew');
    const api = await adminApi(options, context);
    const link = await api.call<LinkView & { readonly url: string }>('POST', PATH, {
      tenant_id: options.tenant,
      provider: options.provider,
      auth_method: options.authMethod,
      token_id: tokenId,
      expires_in_hours: options.expiresInHours,
      language: options.language,
      return_url: options.returnUrl,
      token: boundsFrom(options),
    });
    if (options.json) {
      process.stdout.write(`${printableJson(link)}\n`);
      return;
    }
    process.stdout.write(`${visible(link.url)}\n`);
    process.stderr.write(
      `The URL of ${link.id}, good until ${link.expires_at}. It cannot be shown again.\n`,
    );
  });
}

/** Undefined where no option says anything of it. */
function boundsFrom({
  name,
  scopes,
  allowedIps,
  expiresInDays,
}: CreateOptions): object | undefined {
  const bounds = { name, scopes, allowed_ips: allowedIps, expires_in_days: expiresInDays };
  return Object.values(bounds).some((bound) => bound !== undefined) ? bounds : undefined;
}

interface ListOptions extends AdminOptions {
  readonly tenant?: string;
  readonly status?: string;
}

const HEADER = row('ID', 'STATUS', 'EXPIRES', 'OPENED', 'PROVIDER', 'TENANT');

/** `setup-link list`: all of them, newest first. */
function addListCommand(links: Command, context: CliContext): void {
  withAdminOptions(
    links
      .command('list')
      .description('List links, newest first.')
      .option('--tenant <id>', 'one tenant alone')
      .addOption(
        new Option('--status <status>', 'those in this state alone').choices(SETUP_LINK_STATUSES),
      ),
  ).action(async ({ tenant, status, ...options }: ListOptions) => {
    const api = await adminApi(options, context);
    const filter = {
      ...(tenant !== undefined && { tenant_id: tenant }),
      ...(status !== undefined && { status }),
    };
    const found = await all(api, filter);
    process.stdout.write(
      options.json
        ? `${printableJson(found)}\n`
        : [HEADER, ...found.map(lineOf)].map((line) => `${line}\n`).join(''),
    );
  });
}

async function all(api: AdminApi, filter: Readonly<Record<string, string>>): Promise<LinkView[]> {
  const found: LinkView[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const query = new URLSearchParams({ ...filter, per_page: '100', page: String(page) });
    const answer = await api.call<{ items: readonly LinkView[]; pages: number }>(
      'GET',
      `${PATH}?${query.toString()}`,
    );
    found.push(...answer.items);
    ({ pages } = answer);
  }
  return found;
}

function lineOf({ id, status, expires_at, opened_at, tenant_id, provider }: LinkView): string {
  return row(
    id,
    status,
    minute(expires_at),
    minute(opened_at),
    provider ?? '-',
    visible(tenant_id),
  );
}

function row(...cells: readonly string[]): string {
  const widths = [36, 9, 17, 17, 10];
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('  ');
}

/** `setup-link revoke`: for good; again is no error. */
function addRevokeCommand(links: Command, context: CliContext): void {
  withAdminOptions(
    links
      .command('revoke')
      .description('End a link for good; what it made lives on. Again is no error.')
      .argument('<id>', 'of the link: sul_…'),
  ).action(async (id: string, options: AdminOptions) => {
    const path = linkPath(id);
    const api = await adminApi(options, context);
    await api.call('DELETE', path);
    process.stdout.write(
      options.json ? `${JSON.stringify({ id, status: 'revoked' })}\n` : `Revoked ${id}.\n`,
    );
  });
}

/** A link's place in a path. A URL or a secret is no id: it would stand in logs of URLs. */
function linkPath(id: string): string {
  if (!/^sul_[0-9a-f]{32}$/.test(id))
    throw new UsageError('<id> takes a link id such as sul_…, no URL');
  return `${PATH}/${id}`;
}
