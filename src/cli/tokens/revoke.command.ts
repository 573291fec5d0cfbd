import type { Command } from 'commander';
import type { CliContext } from '../cli-context';
import { tokenPath } from './admin-api';
import { adminApi, withAdminOptions, type AdminOptions } from './admin-options';

interface RevokeOptions extends AdminOptions {
  readonly reason?: string;
}

/** `tokens revoke`: for good; again is no error. */
export function addRevokeCommand(tokens: Command, context: CliContext): void {
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
