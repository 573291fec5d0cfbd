import { Option, type Command } from 'commander';
import { HEALTH_STATES } from '../../core/health';
import { AUTH_METHODS } from '../../core/token';
import { type CliContext, printableJson } from '../command-line';
import type { AdminApi, TokenView } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { TOKEN_HEADER, tokenLine } from './token-text';

/** Milliseconds between two lines of progress. */
const PROGRESS_MS = 1_000;

interface ListOptions extends AdminOptions {
  readonly tenant?: string;
  readonly status?: string;
  readonly authMethod?: string;
  readonly health?: string;
}

/** `tokens list`: all of them, newest first. */
export function addListCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('list')
      .description('List tokens, newest first; those that are revoked only when asked for.')
      .option('--tenant <id>', 'one tenant alone')
      .addOption(
        new Option('--status <status>', 'those in this state alone').choices([
          'active',
          'disabled',
          'expired',
          'revoked',
        ]),
      )
      .addOption(
        new Option('--auth-method <method>', 'those that prove themselves so alone').choices(
          AUTH_METHODS,
        ),
      )
      .addOption(
        new Option('--health <state>', 'those whose connection is so alone').choices(HEALTH_STATES),
      ),
  ).action(async ({ tenant, status, authMethod, health, ...options }: ListOptions) => {
    const api = await adminApi(options, context);
    const filter = {
      per_page: '100',
      ...(tenant !== undefined && { tenant_id: tenant }),
      ...(status !== undefined && { status }),
      ...(authMethod !== undefined && { auth_method: authMethod }),
      ...(health !== undefined && { health }),
    };
    await (options.json ? printJson : printTable)(pages(api, filter));
  });
}

interface Page {
  readonly items: readonly TokenView[];
  readonly total: number | null;
  readonly next_cursor: string | null;
}

async function* pages(
  api: AdminApi,
  filter: Readonly<Record<string, string>>,
): AsyncGenerator<readonly TokenView[]> {
  let told = Date.now();
  let seen = 0;
  let total: number | null = null;
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ ...filter, ...(cursor !== null && { cursor }) });
    const page: Page = await api.call<Page>('GET', `?${query.toString()}`);
    yield page.items;
    total ??= page.total;
    seen += page.items.length;
    cursor = page.next_cursor;
    if (cursor !== null && Date.now() - told >= PROGRESS_MS) {
      told = Date.now();
      process.stderr.write(`${seen} of ${total ?? 'many'} tokens\n`);
    }
  } while (cursor !== null);
}

async function printTable(found: AsyncIterable<readonly TokenView[]>): Promise<void> {
  let header = `${TOKEN_HEADER}\n`;
  for await (const items of found) {
    process.stdout.write(header + items.map((token) => `${tokenLine(token)}\n`).join(''));
    header = '';
  }
}

/** One array, written as it comes. */
async function printJson(found: AsyncIterable<readonly TokenView[]>): Promise<void> {
  let before = '[';
  for await (const items of found) {
    for (const token of items) {
      process.stdout.write(`${before}${printableJson(token)}`);
      before = ',\n';
    }
  }
  process.stdout.write(before === '[' ? '[]\n' : ']\n');
}
