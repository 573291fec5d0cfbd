import { Option, type Command } from 'commander';
import type { AuditOptions, VerifyOptions } from './audit-trail';
import { UsageError, type CliContext } from './command-line';

/** A trail that could not be looked at is neither good nor bad. */
const NOT_CHECKED = 2;

/** `audit verify` and `audit prune`: on DATABASE_URL or the database in DATA_DIR. */
export function addAuditCommands(program: Command, context: CliContext): void {
  const audit = program
    .command('audit')
    .helpCommand(false)
    .description(
      'Check the audit trail, or remove old events from it; beside a running service and without one. ' +
        'Exits with 1 where a chain does not hold, with 2 where nothing could be checked.',
    );
  audit
    .command('verify')
    .description(
      "Check the hash chains, and each token's row and secrets against what its events say; of each tenant " +
        'the first that does not hold is named.',
    )
    .option('--tenant <id>', 'one tenant alone')
    .option('--heads', 'print the end of each chain, a JSON object a line, to be kept elsewhere')
    .option('--against <file>', 'check also that the chains hold the ends kept in this file')
    .addOption(new Option('--json', 'the findings as one JSON object').conflicts('heads'))
    .action(async (options: VerifyOptions) => {
      const { judge } = await import('./with-database');
      const { verifyTrail } = await import('./audit-trail');
      await judge(context, (dataSource) => verifyTrail(dataSource, options), NOT_CHECKED);
    });
  audit
    .command('prune')
    .description('Remove what is older, up to the first event that is not; a broken chain stays.')
    .requiredOption('--before <time>', 'such as 2026-01-01T00:00:00Z')
    .option('--tenant <id>', 'one tenant alone')
    .option('--json', 'the findings as one JSON object')
    .action(async (given: AuditOptions & { readonly before: string }) => {
      const options = { ...given, before: await instant(given.before) };
      const { judge } = await import('./with-database');
      const { pruneTrail } = await import('./audit-trail');
      await judge(context, (dataSource) => pruneTrail(dataSource, options), NOT_CHECKED);
    });
}

/** @throws UsageError for what is no time */
async function instant(text: string): Promise<Date> {
  const { readInstant } = await import('../http/validation/read-instant');
  const time = readInstant(text);
  if (time instanceof Date) return time;
  throw new UsageError('--before takes a time such as 2026-01-01T00:00:00Z');
}
