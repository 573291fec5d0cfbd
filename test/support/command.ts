import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { runCli } from '../../src/cli/program';

const ROOT = join(__dirname, '../..');

/** How a command ended and what it said. */
export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a program from the project's root, with these variables alone and `input` on its standard input. */
export async function runProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  input = '',
): Promise<CommandResult> {
  const child = spawn(program, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...env } });
  // A command that reads nothing may be gone before its input is written.
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}

/** Runs the built command line. */
export const runCommand = (
  args: readonly string[],
  env: Record<string, string>,
  input = '',
): Promise<CommandResult> =>
  runProgram(process.execPath, [join(ROOT, 'scripts/cli.js'), ...args], env, input);

/** Runs the command line in this process, which is quicker; for what reads no standard input. */
export const runHere = (
  args: readonly string[],
  env: Record<string, string>,
): Promise<CommandResult> => heard(() => runCli(args, env));

/** Runs something that returns an exit code, and hears what it writes meanwhile. */
export async function heard(run: () => Promise<number>): Promise<CommandResult> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    jest.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      written[stream] += String(chunk);
      return true;
    }),
  );
  try {
    return { code: await run(), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
