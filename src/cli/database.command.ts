import type { Command } from 'commander';
import type { DataSource } from 'typeorm';
import type { CliContext } from './command-line';

/** `database distribute`: on DATABASE_URL or the database in DATA_DIR. */
export function addDatabaseCommands(program: Command, context: CliContext): void {
  program
    .command('database')
    .helpCommand(false)
    .description('See to the tables of the service.')
    .command('distribute')
    .description(
      'Distribute the tables by tenant over the workers of a Citus cluster, in one transaction; what is ' +
        'distributed stays. Writes wait meanwhile. DATABASE_URL is the coordinator. Exits with 1 where ' +
        'something is in the way.',
    )
    .option(
      '--check',
      'change nothing: say how the tables lie, and exit with 1 where they are not distributed',
    )
    .action(async ({ check = false }: { readonly check?: boolean }) => {
      const { judge } = await import('./with-database');
      await judge(context, check ? checkTables : distribute, 1);
    });
}

async function distribute(dataSource: DataSource): Promise<boolean> {
  const { distributeTables } = await import('../database/citus');
  const names = await distributeTables(dataSource);
  for (const name of names) process.stdout.write(`${name} is distributed now\n`);
  if (names.length === 0) process.stdout.write('All tables were distributed already\n');
  return true;
}

async function checkTables(dataSource: DataSource): Promise<boolean> {
  const { isDistributed, obstacleIn, readLayout } = await import('../database/citus');
  const layout = await readLayout(dataSource);
  for (const { name, column, shards, group } of layout) {
    const where =
      column === null ? 'not distributed' : `by ${column}, ${shards} shards, group ${group}`;
    process.stdout.write(`${name}: ${where}\n`);
  }
  const obstacle = obstacleIn(layout);
  if (obstacle !== null) process.stderr.write(`${obstacle}\n`);
  return isDistributed(layout);
}
