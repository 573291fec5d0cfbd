import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { addAuditCommands } from './audit.command';
import type { CliContext } from './cli-context';
import { addDocsCommand } from './docs.command';
import { addDoctorCommand } from './doctor.command';
import { addOpenApiCommand } from './openapi.command';
import { addStartCommand } from './start.command';
import { addTokenCommand } from './token.command';
import { addTokensCommands } from './tokens.command';

/** The whole command line, not yet run. Each command loads what it needs when it runs. */
export function createProgram(context: CliContext): Command {
  const program = new Command('nest-scim-tokens')
    .description('SCIM Tokens: the service, its keys, its tokens and their audit trail.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'show this text')
    .helpCommand(false)
    .showHelpAfterError('Add --help to see what it takes.')
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => {
        write(withoutValues(text));
      },
    });
  addStartCommand(program, context);
  addTokenCommand(program, context);
  addTokensCommands(program, context);
  addAuditCommands(program, context);
  addOpenApiCommand(program);
  addDocsCommand(program, context, () => createProgram({ environment: {}, exitCode: 0 }));
  addDoctorCommand(program, context);
  return program;
}

function packageVersion(): string {
  const manifest = readFileSync(resolve(__dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What may be a secret is not repeated: the value of an unknown option, `--jwt=eyJ…`, or one in a command's place. */
function withoutValues(text: string): string {
  return text
    .replace(/^(error: unknown option '[^=]*)=.*'$/m, "$1'")
    .replace(/^(error: unknown command) '(?![a-z-]+'$).*'$/m, '$1');
}
