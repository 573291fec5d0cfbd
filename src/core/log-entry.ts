import { inspect } from 'node:util';

/**
 * What a line of the log says, with the facts beside it, as one object: a logger that takes fields (pino,
 * winston) finds them on it, and one that writes texts, as Nest's own does, writes it as one line.
 */
export class LogEntry {
  /** @param facts `err` for an error; of it a text tells the stack alone, since a driver's holds parameters */
  constructor(
    readonly msg: string,
    facts: Readonly<Record<string, unknown>>,
  ) {
    Object.assign(this, facts);
  }

  /** Where some loggers look for the text. */
  get message(): string {
    return this.msg;
  }

  toString(): string {
    const { msg, err, ...facts } = this as LogEntry & { readonly err?: unknown };
    const told = Object.entries(facts).map(([name, value]) => `${name}: ${String(value)}`);
    const text = told.length > 0 ? `${msg} (${told.join(', ')})` : msg;
    return err === undefined ? text : `${text}: ${stackOf(err)}`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
