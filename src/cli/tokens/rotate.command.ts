import type { Command } from 'commander';
import type { CliContext } from '../cli-context';
import { integer } from '../option-parsers';
import { tokenPath, type TokenWithValue } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { printValue } from './token-text';

interface RotateOptions extends AdminOptions {
  readonly overlapHours?: number;
  readonly expiresInDays?: number;
}

/** `tokens rotate`: prints the new value alone on standard output. */
export function addRotateCommand(tokens: Command, context: CliContext): void {
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
