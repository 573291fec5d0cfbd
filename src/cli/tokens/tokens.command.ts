import type { Command } from 'commander';
import {
  integer,
  printableJson,
  readStandardInput,
  UsageError,
  type CliContext,
} from '../command-line';
import { tokenPath, type TokenView, type TokenWithValue } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';
import { addCreateCommand } from './create.command';
import { addListCommand } from './list.command';
import { printValue, TOKEN_HEADER, tokenLine } from './token-text';

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

interface RotateOptions extends AdminOptions {
  readonly overlapHours?: number;
  readonly expiresInDays?: number;
}

/** `tokens rotate`: prints the new value or client secret alone on standard output. */
function addRotateCommand(tokens: Command, context: CliContext): void {
  withAdminOptions(
    tokens
      .command('rotate')
      .description(
        'Give a token a new value or client secret, and print it; the old one works on for the overlap.',
      )
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
