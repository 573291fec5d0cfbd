import { Client, type QueryResult } from 'pg';

/** pg's text of a statement that was given up; it has no code. */
const GIVEN_UP = 'Query read timeout';
/** SQLSTATE of a write on a standby, or on a primary that was set to read-only. */
const READ_ONLY = '25006';

/**
 * A connection that ends itself where it is of no more use, so that the pool opens another one. Left to
 * pg, a peer that fell silent would cost each of its users the timeout, and after a failover the former
 * primary would be asked for writes for ever.
 */
export class StrictClient extends Client {
  // pg overloads this by its arguments; only the promise of text and values is ours to look at.
  override query = ((...args: [string, unknown[]?]): unknown => {
    const result: unknown = super.query(...args);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      if (isOfNoUse(error)) void this.end();
      throw error;
    }) as Promise<QueryResult>;
  }) as Client['query'];
}

function isOfNoUse(error: unknown): boolean {
  const { code, message } = Object(error) as { code?: unknown; message?: unknown };
  return code === READ_ONLY || message === GIVEN_UP;
}
