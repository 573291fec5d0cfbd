import { Client, type ClientConfig, type QueryConfig, type QueryResult } from 'pg';

/** The text pg itself gives a statement that is given up; it has no code. */
const GIVEN_UP = 'Query read timeout';
/** SQLSTATE of a write on a standby, or on a primary that was set to read-only. */
const READ_ONLY = '25006';

type Callback = (error: Error | null | undefined, result?: QueryResult) => void;

/**
 * A connection that ends itself where it is of no more use: left to pg, a peer that fell silent would cost
 * each of its users the timeout, and after a failover the former primary be asked for writes for ever.
 * That it counts `query_timeout` itself, and hands pg a callback, makes lists a quarter faster (decision 7).
 */
export class StrictClient extends Client {
  private readonly queryTimeoutMs: number;

  constructor({ query_timeout, ...config }: ClientConfig = {}) {
    super(config);
    this.queryTimeoutMs = query_timeout ?? 0;
  }

  // pg overloads this by its arguments; only texts are ours to look at, and what says how to read their rows.
  override query = ((statement: unknown, values?: unknown[], callback?: Callback): unknown => {
    if (!isStatement(statement) || typeof values === 'function') {
      return super.query(statement as never, values as never);
    }
    if (callback) {
      this.run(statement, values, callback);
      return undefined;
    }
    return new Promise((resolve, reject) => {
      this.run(statement, values, (error, result) => {
        if (error) reject(error);
        else resolve(result);
      });
    });
  }) as Client['query'];

  private run(
    statement: string | QueryConfig,
    values: unknown[] | undefined,
    callback: Callback,
  ): void {
    let over = false;
    const finish: Callback = (error, result) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      if (isOfNoUse(error)) void this.end();
      callback(error, result);
    };
    const timer = this.queryTimeoutMs
      ? setTimeout(() => {
          finish(new Error(GIVEN_UP));
        }, this.queryTimeoutMs)
      : undefined;
    super.query(statement as never, values as never, finish as never);
  }
}

function isStatement(value: unknown): value is string | QueryConfig {
  if (typeof value === 'string') return true;
  // A cursor or a stream submits itself.
  const { text, submit } = Object(value) as { text?: unknown; submit?: unknown };
  return typeof text === 'string' && submit === undefined;
}

function isOfNoUse(error: unknown): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return code === READ_ONLY || message === GIVEN_UP;
}
