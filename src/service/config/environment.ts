import { readFileSync } from 'node:fs';
import { OPTIONS } from '../../module/options/options.schema';
import { Settings, type Setting } from '../../module/options/settings';

/** Stands in our own documentation, so that its commands can be tried as they are. */
const EXAMPLE = 'a-secret-of-thirty-two-bytes-or-more';

/** All that is wrong with the environment, one line a variable. Never holds a value. */
export class ConfigError extends Error {
  constructor(problems: string) {
    super(`Wrong configuration:\n${problems}`);
    this.name = ConfigError.name;
  }
}

/** Settings as the variables hold them; one that is empty is not set. */
export class Environment extends Settings {
  /** Whether `NODE_ENV` says so: then no secret may be one that everyone can read. */
  readonly isProduction: boolean;

  constructor(private readonly variables: Readonly<Record<string, string | undefined>>) {
    super();
    this.isProduction = this.text('NODE_ENV') === 'production';
  }

  override read<Value>(setting: Setting<Value>): Value {
    const { kind, default: fallback, variable, isSecret } = setting;
    if (variable === null) return fallback;
    const text = isSecret ? this.secret(variable) : this.text(variable);
    if (text === undefined || text === '') return fallback;
    const source = this.sourceOf(variable);
    const value = kind.read ? kind.read(text) : text;
    if (!kind.is(value)) {
      this.reject(source, `takes ${kind.textTakes ?? kind.takes}`);
      return fallback;
    }
    if (isSecret && this.isProduction && text === EXAMPLE) {
      this.reject(source, 'is the example of the documentation; production takes a random secret');
    }
    return value;
  }

  /** Whether a variable is set, itself or by a file. */
  override isGiven(variable: string): boolean {
    return (this.text(variable) ?? this.text(`${variable}_FILE`)) !== undefined;
  }

  override nameOf(option: keyof typeof OPTIONS): string {
    return OPTIONS[option].variable ?? option;
  }

  /** The variable that a secret comes from: itself, or the one that names its file. */
  sourceOf(variable: string): string {
    return this.text(variable) === undefined && this.isGiven(variable)
      ? `${variable}_FILE`
      : variable;
  }

  protected override both(): string {
    return 'the two';
  }

  protected override error(problems: string): Error {
    return new ConfigError(problems);
  }

  private text(variable: string): string | undefined {
    const value = this.variables[variable]?.trim();
    return value === '' ? undefined : value;
  }

  private secret(variable: string): string | undefined {
    const text = this.text(variable);
    const file = this.text(`${variable}_FILE`);
    if (file === undefined) return text;
    if (text !== undefined) {
      this.reject(variable, `cannot be set together with ${variable}_FILE`);
      return undefined;
    }
    try {
      return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      this.reject(`${variable}_FILE`, `names a file that cannot be read (${String(code)})`);
      return undefined;
    }
  }
}
