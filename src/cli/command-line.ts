import { readFile } from 'node:fs/promises';
import { InvalidArgumentError } from 'commander';

/** What one call of the command line works with. */
export interface CliContext {
  readonly environment: NodeJS.ProcessEnv;
  /** What the process is to end with: 0 done, 1 failed, 2 wrongly called. */
  exitCode: number;
}

/** A mistake in how the command was called; the message says what it takes. */
export class UsageError extends Error {}

/**
 * Does something with a file that an option names.
 *
 * @throws UsageError that names both, where that cannot be
 */
export async function withFileOf<Result>(
  option: string,
  file: string,
  work: (file: string) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new UsageError(`${option} takes another file than ${file}: ${code ?? message}`);
  }
}

/** @throws UsageError where there is no such file */
export const readFileOf = (option: string, file: string): Promise<string> =>
  withFileOf(option, file, () => readFile(file, 'utf8'));

/** Most bytes of standard input that are taken: far more than a JWT or a value has. */
const MAX_BYTES = 64 * 1024;

/**
 * What comes on standard input, without white space around it; may be nothing.
 *
 * @throws UsageError where that is too much
 */
export async function readStandardInput(what: string): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write(`Paste ${what}, then Enter and Ctrl-D.\n`);
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > MAX_BYTES) throw new UsageError(`Standard input is too long for ${what}`);
  }
  return text.trim();
}

/** An option's parts between commas. */
export function list(text: string): string[] {
  return text.split(',').map((part) => part.trim());
}

/** An option's whole number that is not negative; its range is for the service to judge. */
export function integer(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
  return Number(text);
}

/** A terminal would obey control characters; directions and the like would hide others. */
export function visible(text: string): string {
  return text.replace(
    /\p{C}/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/**
 * JSON in which such characters are escaped: the same to every parser, and harmless on a terminal.
 *
 * @param indent spaces of each level; one line without it
 */
export function printableJson(value: unknown, indent?: number): string {
  // Line feeds are indentation here: within texts JSON has escaped them.
  return JSON.stringify(value, null, indent).replace(/[^\P{C}\n]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
