/** What a setting takes, whether it comes as an option or as the text of a variable. */
export interface Kind<Value> {
  /** In words for people, after "takes". */
  readonly takes: string;
  readonly is: (value: unknown) => value is Value;
  /** What a variable's text stands for, which `is` then looks at; the text itself without it. */
  readonly read?: (text: string) => unknown;
  /** What a variable takes, where that is said in other words. */
  readonly textTakes?: string;
}

/** A line of a schema: an option, a variable of the service, or both. */
export interface Setting<Value> {
  readonly kind: Kind<Value>;
  /** What holds where nothing is given. */
  readonly default: Value;
  /** The variable that sets it in the service; null for none. */
  readonly variable: string | null;
  /** Whether the variable's value may stand in the file that `NAME_FILE` names. */
  readonly isSecret: boolean;
}

/** Settings by their names. */
export type Schema = Readonly<Record<string, Setting<unknown>>>;

/** What a schema's settings hold. */
export type Values<Of extends Schema> = {
  -readonly [Name in keyof Of]: Of[Name] extends Setting<infer Value> ? Value : never;
};

/** A line of a schema. */
export function setting<Value, Default>(
  kind: Kind<Value>,
  fallback: Default,
  variable: string | null = null,
): Setting<Value | Default> {
  return { kind, default: fallback, variable, isSecret: false };
}

/** A line of a schema for what nobody else may know; null where it is not given. */
export function secret<Value>(kind: Kind<Value>, variable: string): Setting<Value | null> {
  return { kind, default: null, variable, isSecret: true };
}

/** Whatever passes a check. */
export function kindOf<Value>(
  takes: string,
  is: (value: unknown) => boolean,
  ofText: Pick<Kind<Value>, 'read' | 'textTakes'> = {},
): Kind<Value> {
  return { takes, is: is as Kind<Value>['is'], ...ofText };
}

/** A text that passes a check. */
export function textOf(
  takes: string,
  is: (text: string) => boolean,
  ofText: Pick<Kind<string>, 'read' | 'textTakes'> = {},
): Kind<string> {
  return kindOf(takes, (value) => typeof value === 'string' && is(value), ofText);
}

/** Any text. */
export const TEXT = textOf('a string', () => true);

/** A text of some form. */
export const matching = (pattern: RegExp, takes: string): Kind<string> =>
  textOf(takes, (text) => pattern.test(text));

/** A switch. */
export const BOOLEAN = kindOf<boolean>('true or false', (value) => typeof value === 'boolean', {
  read: (text) => text === 'true' || (text === 'false' ? false : text),
});

/** An integer between two bounds, both included. */
export const integer = (min: number, max: number): Kind<number> =>
  kindOf(
    `an integer from ${min} to ${max}`,
    (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
    { read: (text) => (/^\d{1,10}$/.test(text) ? Number(text) : text) },
  );

/** One of a few words. */
export const oneOf = <Word>(
  words: readonly Word[],
  takes = `one of ${words.join(', ')}`,
): Kind<Word> => kindOf(takes, (value) => (words as readonly unknown[]).includes(value));

/** A list of what passes a check; in a variable separated by commas. */
export const listOf = <Item>(takes: string, is: (item: unknown) => boolean): Kind<Item[]> =>
  kindOf(takes, (value) => Array.isArray(value) && value.every(is), { read: listed });

/** The words of a text that are separated by commas. */
export function listed(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** Where settings come from. Collects what is wrong with them, so that all of it is told at once. */
export abstract class Settings {
  private readonly problems: string[] = [];

  /** A setting's value, or its default where it is absent or, as is noted, wrong. */
  abstract read<Value>(setting: Setting<Value>, name: string): Value;

  /** Whether something is given under a name, be it wrong. */
  abstract isGiven(name: string): boolean;

  /** What an option is called here. */
  nameOf(option: string): string {
    return option;
  }

  /** Notes that something is wrong; never what it held. */
  reject(name: string, problem: string): void {
    this.problems.push(`${name} ${problem}`);
  }

  /** Notes where one of two is given without the other. */
  requireBoth(one: string, other: string): void {
    if (this.isGiven(one) === this.isGiven(other)) return;
    const missing = this.isGiven(one) ? other : one;
    this.reject(missing, `is needed too: ${this.both(one, other)} go together`);
  }

  /** Every setting of a schema. */
  readAll<Of extends Schema>(schema: Of): Values<Of> {
    const values = Object.entries(schema).map(([name, line]) => [name, this.read(line, name)]);
    return Object.fromEntries(values) as Values<Of>;
  }

  /** @throws Error of the source's own class if anything was wrong */
  requireSound(): void {
    if (this.problems.length > 0)
      throw this.error(this.problems.map((line) => `  ${line}`).join('\n'));
  }

  protected both(one: string, other: string): string {
    return `${one} and ${other}`;
  }

  /** @param problems a line each */
  protected abstract error(problems: string): Error;
}
