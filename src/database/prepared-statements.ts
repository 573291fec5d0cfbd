import { hash } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Client, QueryConfig, QueryResult } from 'pg';
import { LogEntry } from '../core/log-entry';
import type { PreparedStatementsMode } from '../core/scim-tokens.options';
import { OWN_TYPES } from './own-types';

/** SQLSTATEs of a name that is unknown, or known already: its connection is another one than it was prepared on. */
const MISPLACED = new Set<unknown>(['26000', '42P05']);
/** SQLSTATE, among others, of a plan whose columns are others since a migration. */
const NOT_SUPPORTED = '0A000';

/** By text, which are few: those of {@link PreparedStatements.run} and no others. */
const named = new Map<string, QueryConfig>();

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
   * @param text one of few, whatever the values
   */
  async run(client: Client, text: string, values?: unknown[]): Promise<QueryResult> {
    const unnamed = { text, types: OWN_TYPES };
    if (!this.on) return client.query(unnamed, values);
    try {
      // pg copies the members of what it is given, one by one, which are none here, and keeps the prototype.
      return await client.query(Object.create(namedOf(text)) as QueryConfig, values);
    } catch (error) {
      const { code } = Object(error) as { code?: unknown };
      if (!MISPLACED.has(code) && code !== NOT_SUPPORTED) throw error;
      const result = await client.query(unnamed, values);
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

/** With the text's digest: behind a pooler a name may be another instance's, and must mean the same there. */
function namedOf(text: string): QueryConfig {
  const known = named.get(text);
  if (known) return known;
  const name = `scim_${hash('sha256', text, 'hex').slice(0, 32)}`;
  const statement = { name, text, types: OWN_TYPES };
  named.set(text, statement);
  return statement;
}
