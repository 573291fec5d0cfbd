import { UsageError } from './usage-error';

/** Most bytes that are taken: far more than a JWT or a value has. */
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
