import { readFileSync } from 'node:fs';

/** All that is wrong with the environment, one line a variable. Never holds a value. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(`Wrong configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = ConfigError.name;
  }
}

/** Thrown by a parser whose input is wrong: says what the variable takes. */
export class Takes extends Error {}

type Parser<Value> = (text: string) => Value;

/** Reads variables and collects what is wrong with them, so that all of it is told at once. */
export class Environment {
  private readonly problems: string[] = [];

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {}

  /** A variable's value, or the fallback where it is unset, empty or wrong. */
  read<Value, Fallback>(name: string, parse: Parser<Value>, fallback: Fallback): Value | Fallback {
    return this.parse(name, this.text(name), parse, fallback);
  }

  /** The same for a secret, which may also stand in the file that `NAME_FILE` names. */
  secret<Value, Fallback>(
    name: string,
    parse: Parser<Value>,
    fallback: Fallback,
  ): Value | Fallback {
    const file = this.text(`${name}_FILE`);
    if (file === undefined) return this.read(name, parse, fallback);
    if (this.text(name) !== undefined) {
      this.reject(name, `cannot be set together with ${name}_FILE`);
      return fallback;
    }
    try {
      const content = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      return this.parse(`${name}_FILE`, content, parse, fallback);
    } catch (error) {
      this.reject(`${name}_FILE`, `names a file that cannot be read (${codeOf(error)})`);
      return fallback;
    }
  }

  /** Whether a variable is set, itself or by a file. */
  has(name: string): boolean {
    return (this.text(name) ?? this.text(`${name}_FILE`)) !== undefined;
  }

  /** The variable that a secret comes from: itself, or the one that names its file. */
  sourceOf(name: string): string {
    return this.text(name) === undefined && this.has(name) ? `${name}_FILE` : name;
  }

  /** Notes that a variable is wrong. */
  reject(name: string, problem: string): void {
    this.problems.push(`${name} ${problem}`);
  }

  /** @throws ConfigError if anything was wrong */
  requireSound(): void {
    if (this.problems.length > 0) throw new ConfigError(this.problems);
  }

  private text(name: string): string | undefined {
    const value = this.variables[name]?.trim();
    return value === '' ? undefined : value;
  }

  private parse<Value, Fallback>(
    name: string,
    text: string | undefined,
    parse: Parser<Value>,
    fallback: Fallback,
  ): Value | Fallback {
    if (text === undefined || text === '') return fallback;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof Takes)) throw error;
      this.reject(name, `takes ${error.message}`);
      return fallback;
    }
  }
}

function codeOf(error: unknown): string {
  return String((error as NodeJS.ErrnoException).code);
}
