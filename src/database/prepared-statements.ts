import { hash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Client, QueryConfig, QueryResult } from 'pg';
import { LogEntry } from '../core/log-entry';
import type { PreparedStatementsMode } from '../core/scim-tokens.options';

/** SQLSTATEs of a name that is unknown, or known already: its connection is another one than it was prepared on. */
const MISPLACED = new Set<unknown>(['26000', '42P05']);
/** SQLSTATE, among others, of a plan whose columns are others since a migration. */
const NOT_SUPPORTED = '0A000';

/** By text, which are few: those of {@link PreparedStatements.run} and no others. */
const names = new Map<string, string>();

/**
 * Statements that come again and again, of one pool: sent under a name PostgreSQL parses and plans them once
 * on each connection. Never within a transaction, where what fails could not be repeated.
 */
export class PreparedStatements {
  private readonly logger = new Logger(PreparedStatements.name);
  private on: boolean;

  constructor(private readonly mode: PreparedStatementsMode) {
    this.on = mode !== 'off';
  }

  /** Whether names are sent: in `auto` until a pooler shows itself. */
  get isOn(): boolean {
    return this.on;
  }

  /**
   * Runs a statement, again and without its name where its connection does not know that, knows it from
   * somebody else, or has a plan that a migration overtook.
   *
   * @param statement with a text that is one of few, whatever the values
   */
  async run(client: Client, statement: QueryConfig): Promise<QueryResult> {
    if (!this.on) return client.query(statement);
    try {
      return await client.query({ ...statement, name: nameOf(statement.text) });
    } catch (error) {
      const { code } = Object(error) as { code?: unknown };
      if (!MISPLACED.has(code) && code !== NOT_SUPPORTED) throw error;
      const result = await client.query(statement);
      if (MISPLACED.has(code) && this.mode === 'auto') this.switchOff(error);
      // pg would send the name again, and have the same answer: the pool replaces the connection.
      else void client.end();
      return result;
    }
  }

  private switchOff(error: unknown): void {
    if (!this.on) return;
    this.on = false;
    this.logger.warn(
      new LogEntry(
        'Prepared statements do not last on their connections, as behind a pooler in transaction mode: ' +
          'reads are planned anew each time from now on, as with preparedStatements "off"',
        { err: error },
      ),
    );
  }
}

/** The text's digest: behind a pooler a name may be another instance's, and must mean the same there. */
function nameOf(text: string): string {
  const known = names.get(text);
  if (known !== undefined) return known;
  const name = `scim_${hash('sha256', text, 'hex').slice(0, 32)}`;
  names.set(text, name);
  return name;
}
