import { DataSource } from 'typeorm';
import { loadDatabaseConfig } from '../service/config/config';
import { dataSourceOptions } from '../database/data-source.options';
import { startFailure } from '../service/start-failure';
import type { CliContext } from './command-line';
import {
  hasEmbeddedPostgres,
  runningEmbeddedPostgres,
  startEmbeddedPostgres,
} from '../service/embedded-postgres/embedded-postgres';

/**
 * Runs `work` on the service's database: the configured one, the embedded one of a service that is
 * running, or else the embedded one started for the occasion.
 *
 * @throws Error where there is no database
 */
export async function withDatabase<Result>(
  environment: NodeJS.ProcessEnv,
  work: (dataSource: DataSource) => Promise<Result>,
): Promise<Result> {
  const { url, schema, dataDir } = loadDatabaseConfig(environment);
  const running = url ?? runningEmbeddedPostgres(dataDir);
  if (running !== null) return connected(running, schema, work);
  if (!hasEmbeddedPostgres(dataDir)) {
    throw new Error(`There is no database: DATABASE_URL is not set, and ${dataDir} holds none`);
  }
  const embedded = await startEmbeddedPostgres({ dataDir });
  try {
    return await connected(embedded.url, schema, work);
  } finally {
    await embedded.stop();
  }
}

/**
 * Ends a command as its work on the database does: 0 where that finds all as it should be, else 1.
 *
 * @param failure the exit code where it could not be done
 */
export async function judge(
  context: CliContext,
  work: (dataSource: DataSource) => Promise<boolean>,
  failure: number,
): Promise<void> {
  try {
    context.exitCode = (await withDatabase(context.environment, work)) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${startFailure(error)}\n`);
    context.exitCode = failure;
  }
}

async function connected<Result>(
  url: string,
  schema: string,
  work: (dataSource: DataSource) => Promise<Result>,
): Promise<Result> {
  const dataSource = await new DataSource(
    dataSourceOptions({ url, schema, poolMax: 2, queryTimeoutMs: 0 }),
  ).initialize();
  try {
    return await work(dataSource);
  } finally {
    await dataSource.destroy();
  }
}
