import { Command, CommanderError } from 'commander';
import { ownManifest } from '../core/own-package';
import { addAuditCommands } from './audit.command';
import { UsageError, type CliContext } from './command-line';
import { addConformanceCommand } from './conformance/conformance.command';
import { addDatabaseCommands } from './database.command';
import { addDoctorCommand } from './doctor/doctor.command';
import { addExplainCommand } from './explain.command';
import { addServiceCommands } from './service.commands';
import { addSetupLinkCommands } from './setup-links/setup-link.command';
import { addTokenCommand } from './token.command';
import { addTokensCommands } from './tokens/tokens.command';

/** Runs a command line and returns its exit code: 0 done, 1 failed, 2 wrongly called. */
export function runCli(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  return runProgram(createProgram, args, environment);
}

/** The same for a program of another name. */
export async function runProgram(
  program: (context: CliContext) => Command,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const context: CliContext = { environment, exitCode: 0 };
  try {
    await program(context).parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has said why already, or shown the help it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** The whole command line, not yet run. Each command loads what it needs when it runs. */
export function createProgram(context: CliContext): Command {
  const program = new Command('nest-scim-tokens')
    .description('SCIM Tokens: the service, its keys, its tokens and their audit trail.')
    .version(ownManifest().version, '--version', 'print the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand(false)
    .showHelpAfterError('Add --help to see what it takes.')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(withoutValues(text));
      },
    });
  addServiceCommands(program, context);
  addTokenCommand(program, context);
  addTokensCommands(program, context);
  addExplainCommand(program, context);
  addSetupLinkCommands(program, context);
  addAuditCommands(program, context);
  addDatabaseCommands(program, context);
  addDoctorCommand(program, context);
  addConformanceCommand(program, context);
  return program;
}

/** What may be a secret is not repeated: the value of an unknown option, `--jwt=eyJ…`, or one in a command's place. */
function withoutValues(text: string): string {
  return text
    .replace(/^(error: unknown option '[^=]*)=.*'$/m, "$1'")
    .replace(/^(error: unknown command) '(?![a-z-]+'$).*'$/m, '$1');
}
