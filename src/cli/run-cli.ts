import { CommanderError } from 'commander';
import type { CliContext } from './cli-context';
import { createProgram } from './program';
import { UsageError } from './usage-error';

/** Runs a command line and answers its exit code: 0 done, 1 failed, 2 wrongly called. */
export async function runCli(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
): Promise<number> {
  const context: CliContext = { environment, exitCode: 0 };
  try {
    await createProgram(context).parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    // Commander has said why already, or shown the help it was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${(error as Error).message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
