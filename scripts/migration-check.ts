import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../src/database/data-source.options';
import { startEmbeddedPostgres } from '../src/service/embedded-postgres/embedded-postgres';
import { runMigrations } from '../src/database/migrate';

/**
 * Fails when the entities and the migrations differ: runs the migrations on an empty database, asks
 * TypeORM what it would still change, and takes the migrations back again.
 */
async function check(url: string): Promise<string[]> {
  const problems: string[] = [];
  const schema = 'migration_check';
  const ran = await runMigrations(url, schema);
  const dataSource = await new DataSource(
    dataSourceOptions({ url, schema, poolMax: 2 }),
  ).initialize();
  try {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    problems.push(...upQueries.map(({ query }) => `entities and migrations differ: ${query}`));
    for (const _ of ran) await dataSource.undoLastMigration({ transaction: 'each' });
    const left = await dataSource.query<{ name: string }[]>(
      'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = $1',
      [schema],
    );
    for (const { name } of left) {
      if (name !== 'scim_token_migrations') problems.push(`down leaves table ${name}`);
    }
    await dataSource.query(`DROP SCHEMA ${schema} CASCADE`);
  } finally {
    await dataSource.destroy();
  }
  return problems;
}

async function main(): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'migration-check-'));
  const given = process.env.DATABASE_URL;
  const embedded = given === undefined ? await startEmbeddedPostgres({ dataDir }) : null;
  try {
    const problems = await check(given ?? embedded?.url ?? '');
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    if (problems.length === 0) process.stdout.write('Entities and migrations agree.\n');
    process.exitCode = problems.length === 0 ? 0 : 1;
  } finally {
    await embedded?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

void main();
