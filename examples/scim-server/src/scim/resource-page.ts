import type { SqlParameters } from '../database/sql-parameters';
import { sqlStateOf, type Statements } from '../database/database';
import type { ListQuery } from './protocol/list-query';
import { tooMany } from './protocol/scim.error';

/** A list's statement in its parts; the parameters are those of `where`. */
export interface PageStatement<Row> {
  readonly columns: string;
  /** Table with its alias `r`. */
  readonly from: string;
  readonly where: string;
  readonly parameters: SqlParameters;
  /** The number of rows where it is kept, so that nothing is counted. */
  readonly total: (() => Promise<number>) | null;
  /** Runs a statement and answers its rows. */
  readonly read: (sql: string, parameters: readonly unknown[]) => Promise<Row[]>;
}

const QUERY_CANCELED = '57014';

/**
 * Reads one page in the order of creation, and how many rows there are. A page that is not full says
 * so itself; only else are they counted.
 *
 * @throws ScimError tooMany where the database's time limit is reached
 */
export async function readPage<Row>(
  database: Statements,
  query: ListQuery,
  statement: PageStatement<Row>,
): Promise<{ rows: Row[]; total: number }> {
  try {
    return await readRows(database, query, statement);
  } catch (error) {
    if (sqlStateOf(error) === QUERY_CANCELED) throw tooMany('The filter takes too long to answer');
    throw error;
  }
}

async function readRows<Row>(
  database: Statements,
  { startIndex, count }: ListQuery,
  statement: PageStatement<Row>,
): Promise<{ rows: Row[]; total: number }> {
  const { columns, from, where } = statement;
  const kept = await statement.total?.();
  const offset = startIndex - 1;
  const parameters = [...statement.parameters.values];
  const numbered = parameters.length;
  // An OFFSET past the end would walk over every row to find none.
  const needed = count > 0 && (kept === undefined || offset < kept);
  const rows = needed
    ? await statement.read(
        `SELECT ${columns} FROM ${from} WHERE ${where}
         ORDER BY r.id LIMIT $${numbered + 1} OFFSET $${numbered + 2}`,
        [...parameters, count, offset],
      )
    : [];
  if (kept !== undefined) return { rows, total: kept };
  if (rows.length < count && (rows.length > 0 || offset === 0)) {
    return { rows, total: offset + rows.length };
  }
  const [counted] = await database.rows<{ total: string }>(
    `SELECT count(*) AS total FROM ${from} WHERE ${where}`,
    parameters,
  );
  return { rows, total: Number(counted?.total ?? 0) };
}
