import type { Client, PoolClient, QueryResult } from 'pg';
import type { DataSource, QueryRunner, ReplicationMode } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver';
import { asUnavailable } from './database-errors';
import { OWN_TYPES } from './own-types';
import type { PreparedStatements } from './prepared-statements';

/** What TypeORM and we ask of a connection. */
interface Connection {
  query(text: string, values?: unknown[]): Promise<QueryResult>;
}

/** A data source with statements that are planned once. */
export interface OwnDataSource extends DataSource {
  /**
   * Runs a statement that comes with every request, prepared where connections keep that. What fails for the
   * preparation's sake was not run, and is run again without.
   *
   * @param sql one of few texts, whatever the parameters
   * @throws ServiceUnavailableError where the database is away
   */
  queryPrepared<Rows>(sql: string, parameters: unknown[]): Promise<Rows>;
}

/**
 * The data source as our statements see it: over its connections and its log, never in a transaction of
 * the application's, and with columns read by {@link OWN_TYPES}. The application's own stays as it is.
 *
 * @throws ServiceUnavailableError by `query`, where the database is away
 */
export function withOwnStatements(
  dataSource: DataSource,
  prepared: PreparedStatements,
): OwnDataSource {
  const createQueryRunner = (mode?: ReplicationMode): QueryRunner =>
    through(dataSource.createQueryRunner(mode), (client, text, values) =>
      client.query({ text, types: OWN_TYPES, ...(values && { values }) }),
    );
  const query = (sql: string, parameters?: unknown[]): Promise<unknown> =>
    using(createQueryRunner('master'), (runner) => runner.query(sql, parameters));
  const queryPrepared = async (sql: string, parameters: unknown[]): Promise<unknown> => {
    if (isHeard(dataSource)) {
      const runner = through(dataSource.createQueryRunner('master'), (client, text, values) =>
        prepared.run(client, text, values),
      );
      return using(runner, () => runner.query(sql, parameters));
    }
    return (await lent(dataSource, (client) => prepared.run(client, sql, parameters))).rows;
  };
  return Object.create(dataSource, {
    createQueryRunner: { value: createQueryRunner },
    query: { value: query },
    queryPrepared: { value: queryPrepared },
  }) as OwnDataSource;
}

/**
 * Runs a statement that comes again and again by the clock: the application's SQL log, which would hold
 * little else, does not show it.
 */
export function runUnlogged<Row>(
  dataSource: DataSource,
  sql: string,
  parameters: unknown[] = [],
): Promise<Row[]> {
  return using(dataSource.createQueryRunner('master'), async (runner) => {
    const connection = (await runner.connect()) as Connection;
    return (await connection.query(sql, parameters)).rows as Row[];
  });
}

/** The tenants that a statement selects as `tenant_id`, past the log as {@link runUnlogged}. */
export async function tenantsSelected(
  dataSource: DataSource,
  sql: string,
  parameters: unknown[],
): Promise<string[]> {
  const rows = await runUnlogged<{ tenant_id: string }>(dataSource, sql, parameters);
  return rows.map(({ tenant_id }) => tenant_id);
}

/** Runs `work` in a transaction and commits, or rolls back if it throws. */
export function inTransaction<Result>(
  dataSource: DataSource,
  work: (runner: QueryRunner) => Promise<Result>,
): Promise<Result> {
  return using(dataSource.createQueryRunner('master'), async (runner) => {
    await runner.startTransaction();
    try {
      const result = await work(runner);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A connection that died cannot roll back, and need not.
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  });
}

/** TypeORM runs its texts on what `connect` returns, and knows nothing of pg's `types` and names. */
function through(
  runner: QueryRunner,
  send: (client: Client, text: string, values?: unknown[]) => Promise<QueryResult>,
): QueryRunner {
  const connect = runner.connect.bind(runner) as () => Promise<Client>;
  runner.connect = async (): Promise<Connection> => {
    const client = await connect();
    return { query: (text, values) => send(client, text, values) };
  };
  return runner;
}

/** Whether the application hears of each statement, by its log or otherwise: TypeORM's runner then tells it. */
function isHeard({ options, subscribers }: DataSource): boolean {
  const { logging, logger, maxQueryExecutionTime } = options;
  return (
    Boolean(logging) ||
    typeof logger === 'object' ||
    maxQueryExecutionTime !== undefined ||
    subscribers.length > 0
  );
}

/** Runs `work` on a connection past TypeORM's runner, which takes CPU of its own. */
async function lent<Result>(
  { driver }: DataSource,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  try {
    const [client, release] = (await (driver as PostgresDriver).obtainMasterConnection()) as [
      Client,
      () => void,
    ];
    return await held(client, release, work);
  } catch (error) {
    throw asUnavailable(error);
  }
}

/** Runs `work` on a connection that a pool lent, and gives it back. */
export async function held<Connection extends Client | PoolClient, Result>(
  client: Connection,
  release: () => void,
  work: (client: Connection) => Promise<Result>,
): Promise<Result> {
  // A connection that breaks fails its statement, which says it all.
  client.on('error', ignore);
  try {
    return await work(client);
  } finally {
    client.off('error', ignore);
    release();
  }
}

function ignore(): void {
  return undefined;
}

async function using<Result>(
  runner: QueryRunner,
  work: (runner: QueryRunner) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(runner);
  } catch (error) {
    throw asUnavailable(error);
  } finally {
    await runner.release();
  }
}
