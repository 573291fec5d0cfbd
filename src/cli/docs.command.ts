import type { Command } from 'commander';
import type { CliContext } from './cli-context';
import type { PageOptions } from './generate-docs';
import { requireServicePackages } from './service-packages';
import { UsageError } from './usage-error';

interface DocsOptions extends PageOptions {
  readonly check?: true;
  readonly spec?: string;
}

/**
 * `docs`: the reference pages.
 *
 * @param commands the command line that its page is about, as it is without any environment
 */
export function addDocsCommand(
  program: Command,
  context: CliContext,
  commands: () => Command,
): void {
  program
    .command('docs')
    .description(
      'Write openapi.json and the reference pages (docs/reference) below this folder, from the live document; ' +
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
    .action(async ({ check, spec, ...page }: DocsOptions) => {
      refuseStray(check, spec, page);
      const docs = await import('./generate-docs');
      if (spec !== undefined) {
        await docs.writePageOf(spec, page);
        return;
      }
      requireServicePackages();
      if (!check) await docs.writeLivePages(commands());
      else context.exitCode = (await docs.areLivePagesFresh(commands())) ? 0 : 1;
    });
}

function refuseStray(check: true | undefined, spec: string | undefined, page: PageOptions): void {
  const [stray] = Object.keys(page);
  if (spec === undefined && stray !== undefined) throw new UsageError(`--${stray} needs --spec`);
  if (spec !== undefined && check) throw new UsageError('--check goes without --spec');
}
