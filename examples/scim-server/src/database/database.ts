import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError, type QueryRunner } from 'typeorm';

/** A statement with its parameters, on a connection of its own or in a transaction. */
export interface Statements {
  /** Runs a statement and answers its rows. */
  rows<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]>;
  /** Runs a statement and answers how many rows it changed. */
  affected(sql: string, parameters: readonly unknown[]): Promise<number>;
}

/** Tries of a transaction that PostgreSQL ended to resolve a deadlock. */
const TRIES = 3;
const DEADLOCK = '40P01';

/** The database, for statements written by hand. */
@Injectable()
export class Database implements Statements {
  constructor(private readonly dataSource: DataSource) {}

  rows<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return this.withRunner((runner) => statementsOf(runner).rows<Row>(sql, parameters));
  }

  affected(sql: string, parameters: readonly unknown[]): Promise<number> {
    return this.withRunner((runner) => statementsOf(runner).affected(sql, parameters));
  }

  /** Runs `work` in one transaction: all of it or nothing. It may run again after a deadlock. */
  async transaction<Result>(work: (statements: Statements) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.withRunner((runner) => transact(runner, work));
      } catch (error) {
        if (sqlStateOf(error) !== DEADLOCK || attempt === TRIES) throw error;
      }
    }
  }

  private async withRunner<Result>(
    work: (runner: QueryRunner) => Promise<Result>,
  ): Promise<Result> {
    const runner = this.dataSource.createQueryRunner();
    try {
      return await work(runner);
    } finally {
      await runner.release();
    }
  }
}

/** PostgreSQL's code for what went wrong, null for an error that is not PostgreSQL's. */
export function sqlStateOf(error: unknown): string | null {
  if (!(error instanceof QueryFailedError)) return null;
  const { code } = error.driverError as { code?: unknown };
  return typeof code === 'string' ? code : null;
}

async function transact<Result>(
  runner: QueryRunner,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> {
  await runner.startTransaction('READ COMMITTED');
  try {
    const result = await work(statementsOf(runner));
    await runner.commitTransaction();
    return result;
  } catch (error) {
    // A connection that died cannot roll back, and need not: the server does.
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

function statementsOf(runner: QueryRunner): Statements {
  return {
    rows: async <Row>(sql: string, parameters: readonly unknown[]) =>
      (await runner.query(sql, [...parameters], true)).records as Row[],
    affected: async (sql, parameters) =>
      (await runner.query(sql, [...parameters], true)).affected ?? 0,
  };
}
