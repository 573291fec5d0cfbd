import type { Command } from 'commander';
import type { CliContext } from './cli-context';
import { addCreateCommand } from './tokens/create.command';
import { addIdentifyCommand } from './tokens/identify.command';
import { addListCommand } from './tokens/list.command';
import { addRevokeCommand } from './tokens/revoke.command';
import { addRotateCommand } from './tokens/rotate.command';

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
