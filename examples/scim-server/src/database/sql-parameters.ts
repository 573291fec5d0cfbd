/** Collects a statement's parameters; values never enter its text. */
export class SqlParameters {
  readonly values: unknown[];

  constructor(...values: unknown[]) {
    this.values = values;
  }

  /** Adds a parameter and answers its placeholder. */
  use(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}
