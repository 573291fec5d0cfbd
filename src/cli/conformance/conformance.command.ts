import { appendFile, writeFile } from 'node:fs/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { Progress } from '../../conformance/conformance-run';
import { PROVIDER_NAMES } from '../../conformance/provider-names';
import {
  type CliContext,
  list,
  printableJson,
  readFileOf,
  readStandardInput,
  UsageError,
  withFileOf,
} from '../command-line';
import { urlOption } from '../url-option';

interface ConformanceCommandOptions {
  readonly url: string;
  readonly tokenFile?: string;
  readonly refusedTokenFile?: string;
  readonly provider?: readonly string[];
  readonly json?: true;
  readonly junit?: string;
  readonly keep?: true;
  readonly load?: true;
}

/** `conformance`: what identity providers will make of a SCIM server, ours or another. */
export function addConformanceCommand(program: Command, context: CliContext): void {
  program
    .command('conformance')
    .description(
      'Ask any SCIM 2.0 server what Entra, Okta, OneLogin, JumpCloud and PingOne ask it, in their dialects, and what ' +
        'the RFCs ask beyond. It makes users and groups, changes nothing else, and deletes them. Exits with 1 where a ' +
        'provider would fail.',
    )
    .requiredOption('--url <base>', 'base URL of the server, to which /Users is added', urlOption)
    .option('--token-file <file>', 'file with the bearer token; without it standard input')
    .option(
      '--refused-token-file <file>',
      "file with a value that must be refused: revoked, expired or another tenant's",
    )
    .option('--provider <names>', `some of ${Object.keys(PROVIDER_NAMES).join(',')}`, providerNames)
    .option('--json', 'the findings as one JSON object')
    .option('--junit <file>', 'write the findings to this file as JUnit reads them')
    .option('--keep', 'leave what it makes')
    .option('--load', 'send 25 requests a second for a minute as well, as Entra may')
    .action(async (options: ConformanceCommandOptions) => {
      await conformance(options, context);
    });
}

async function conformance(
  {
    url,
    tokenFile,
    refusedTokenFile,
    provider,
    json,
    junit,
    keep,
    load,
  }: ConformanceCommandOptions,
  context: CliContext,
): Promise<void> {
  const token = bearerValue(
    tokenFile === undefined
      ? await readStandardInput('the token')
      : await readFileOf('--token-file', tokenFile),
  );
  const refusedToken =
    refusedTokenFile === undefined
      ? undefined
      : bearerValue(await readFileOf('--refused-token-file', refusedTokenFile));
  // A run takes a while, and is not to be for nothing.
  if (junit !== undefined) await withFileOf('--junit', junit, (file) => appendFile(file, ''));
  const { runConformance } = await import('../../conformance/conformance-run');
  const { ENTRA_LOAD } = await import('../../conformance/load');
  const stop = new AbortController();
  const abort = (): void => {
    stop.abort();
  };
  process.once('SIGINT', abort).once('SIGTERM', abort);
  const result = await runConformance({
    ...{ base: url, token, refusedToken, providers: provider, keep },
    load: load && ENTRA_LOAD,
    onProgress: progressLines(),
    signal: stop.signal,
  });
  process.off('SIGINT', abort).off('SIGTERM', abort);
  if (junit !== undefined) {
    const { junitOf } = await import('./junit');
    await writeFile(junit, junitOf(result));
  }
  if (json) {
    process.stdout.write(`${printableJson({ url, ...result }, 2)}\n`);
  } else {
    const { reportText } = await import('./report-text');
    process.stdout.write(reportText(result));
  }
  context.exitCode = result.passes ? 0 : 1;
}

function providerNames(text: string): string[] {
  const names = list(text);
  const known = Object.keys(PROVIDER_NAMES);
  if (!names.every((name) => known.includes(name))) {
    throw new InvalidArgumentError(`It takes some of ${known.join(', ')}, between commas.`);
  }
  return names;
}

/** @throws UsageError for what cannot follow `Bearer `; the text is not repeated */
function bearerValue(text: string): string {
  const value = text.trim();
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new UsageError(
    'The token given is none: it has to be there alone, in ASCII, without Bearer and white space',
  );
}

/** Tells of each scenario at a terminal, elsewhere of each provider. */
function progressLines(): (progress: Progress) => void {
  const isTerminal = process.stderr.isTTY;
  return ({ provider, scenario, done, of }) => {
    const name = PROVIDER_NAMES[provider] ?? provider;
    if (isTerminal) process.stderr.write(`\r\x1b[2K${name} ${done + 1} of ${of}: ${scenario}`);
    else if (done === 0) process.stderr.write(`${name}: ${of} scenario${of === 1 ? '' : 's'}\n`);
    if (isTerminal && done + 1 === of) process.stderr.write('\r\x1b[2K');
  };
}
