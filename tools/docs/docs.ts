import { Command } from 'commander';
import { UsageError, type CliContext } from '../../src/cli/command-line';
import { runProgram } from '../../src/cli/program';
import { areLivePagesFresh, writeLivePages, writePageOf, type PageOptions } from './generate-docs';

interface DocsOptions extends PageOptions {
  readonly check?: true;
  readonly spec?: string;
}

/**
 * Runs `npm run docs` with its options and returns its exit code: 0 done, 1 failed or stale, 2 wrongly called.
 *
 * @param root folder of the checkout: npm runs its scripts there
 */
export function runDocs(args: readonly string[], root = process.cwd()): Promise<number> {
  return runProgram((context) => docsProgram(context, root), args, {});
}

function docsProgram(context: CliContext, root: string): Command {
  return new Command('npm run docs --')
    .description(
      'Write openapi.json and the reference pages (docs/reference) from the live document; ' +
        'or the page of another OpenAPI document.',
    )
    .option('--check', 'write nothing; exit with 1 when one of these files is stale')
    .option('--spec <file>', 'make the page of this OpenAPI document (JSON, 3.0 or 3.1) instead')
    .option('--out <file>', 'where that page goes; standard output without it')
    .option('--tag <name>', 'endpoint group of that page; "SCIM Tokens" or else the first')
    .option(
      '--links <file>',
      'links of its Authentication paragraph, as JSON: ' +
        '{"scopes":{"text":"…","href":"…"},"obtaining":{"text":"…","href":"…"}}',
    )
    .showHelpAfterError('Add --help to see what it takes.')
    .exitOverride()
    .action(async ({ check, spec, ...page }: DocsOptions) => {
      refuseStray(check, spec, page);
      if (spec !== undefined) await writePageOf(spec, page);
      else if (!check) await writeLivePages(root);
      else context.exitCode = (await areLivePagesFresh(root)) ? 0 : 1;
    });
}

function refuseStray(check: true | undefined, spec: string | undefined, page: PageOptions): void {
  const [stray] = Object.keys(page);
  if (spec === undefined && stray !== undefined) throw new UsageError(`--${stray} needs --spec`);
  if (spec !== undefined && check) throw new UsageError('--check goes without --spec');
}

if (require.main === module) {
  void runDocs(process.argv.slice(2)).then((exitCode) => {
    process.exitCode = exitCode;
  });
}
