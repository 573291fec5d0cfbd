import { ScimTokensOptionsError } from '../../core/scim-tokens.options';
import { Settings, type Setting } from './settings';

/** Options as a host gives them. */
export class GivenOptions extends Settings {
  private readonly given: Readonly<Record<string, unknown>>;

  constructor(given: object) {
    super();
    this.given = given as Readonly<Record<string, unknown>>;
  }

  override read<Value>({ kind, default: fallback }: Setting<Value>, name: string): Value {
    const given = this.given[name];
    if (given === undefined || (given === null && fallback === null)) return fallback;
    if (kind.is(given)) return given;
    this.reject(name, `takes ${kind.takes}`);
    return fallback;
  }

  override isGiven(name: string): boolean {
    return (this.given[name] ?? null) !== null;
  }

  protected override error(problems: string): Error {
    return new ScimTokensOptionsError(problems);
  }
}

/** The members of an option that is an object: what is wrong with them is told with the others, by their path. */
export class GivenMembers extends GivenOptions {
  constructor(
    private readonly outer: Settings,
    private readonly path: string,
    private readonly members: object,
  ) {
    super(members);
  }

  override reject(name: string, problem: string): void {
    this.outer.reject(`${this.path}.${name}`, problem);
  }

  /** Notes what stands in no schema: a misspelt name would leave the default. */
  rejectUnknown(known: object): void {
    for (const name of Object.keys(this.members)) {
      if (!(name in known)) this.reject(name, 'is no option');
    }
  }
}
