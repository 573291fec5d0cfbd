import type { Command } from 'commander';
import type { CliContext } from '../cli-context';
import { readStandardInput } from '../standard-input';
import { UsageError } from '../usage-error';
import type { TokenView } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { TOKEN_HEADER, tokenLine } from './token-text';
import { printableJson } from '../terminal-text';

/** `tokens identify`: whose a value is that turned up somewhere. */
export function addIdentifyCommand(tokens: Command, context: CliContext): void {
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
