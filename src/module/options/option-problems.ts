import type { Kind } from './option-kinds';

/** All that is wrong with the module's options, each named with what it takes. Never holds a value. */
export class ScimTokensOptionsError extends Error {
  constructor(problems: readonly string[]) {
    super(`ScimTokensModule: wrong options:\n${problems.map((line) => `  ${line}`).join('\n')}`);
    this.name = ScimTokensOptionsError.name;
  }
}

/** Collects what is wrong with options, so that all of it is told at once. */
export class OptionProblems {
  private readonly problems: string[] = [];

  /** Notes that an option is wrong. */
  add(name: string, problem: string): void {
    this.problems.push(`${name} ${problem}`);
  }

  /** The given value, or the fallback where it is absent or, as is noted, wrong. */
  read<Value, Fallback>(
    name: string,
    given: unknown,
    { is, takes }: Kind<Value>,
    fallback: Fallback,
  ): Value | Fallback {
    if (given === undefined) return fallback;
    if (is(given)) return given;
    this.add(name, `takes ${takes}`);
    return fallback;
  }

  /** @throws ScimTokensOptionsError if anything was wrong */
  requireNone(): void {
    if (this.problems.length > 0) throw new ScimTokensOptionsError(this.problems);
  }
}
