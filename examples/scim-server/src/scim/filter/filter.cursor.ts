/** The text is no filter, or no path. The message names the place and is safe to send back. */
export class FilterSyntaxError extends Error {
  override readonly name = 'FilterSyntaxError';
}

const SPACES = / */y;
const WORD = /[A-Za-z$][\w$.:-]*/y;
const SUB_ATTRIBUTE = /\.([A-Za-z$][\w$-]*)/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y;

/** A place in the text that moves forward over what it reads. */
export class FilterCursor {
  private position = 0;

  constructor(private readonly text: string) {}

  /** Skips spaces; answers whether there were any. */
  spaces(): boolean {
    return (this.take(SPACES)?.[0].length ?? 0) > 0;
  }

  /** Reads a character if it is the next one. */
  character(character: string): boolean {
    if (this.text[this.position] !== character) return false;
    this.position += 1;
    return true;
  }

  /** Reads a character, which must be next. */
  expect(character: string): void {
    if (!this.character(character)) throw this.error(`'${character}' expected`);
  }

  /** Reads a name, an operator or a literal; null where none begins here. */
  word(): string | null {
    return this.take(WORD)?.[0] ?? null;
  }

  /** Reads one of these words, whatever its case, and leaves any other where it is. */
  keyword<Keyword extends string>(keywords: readonly Keyword[]): Keyword | null {
    const start = this.position;
    const word = this.word()?.toLowerCase();
    const found = keywords.find((keyword) => keyword === word) ?? null;
    if (found === null) this.position = start;
    return found;
  }

  /** Reads `.name` behind a value filter. */
  subAttribute(): string | null {
    return this.take(SUB_ATTRIBUTE)?.[1] ?? null;
  }

  /** Reads a JSON string; null where none begins here. */
  string(): string | null {
    const match = this.take(STRING);
    if (match === null) return null;
    const value = JSON.parse(match[0]) as string;
    if (!value.isWellFormed() || value.includes('\0')) throw this.error('unusable character');
    return value;
  }

  /** Reads a JSON number; null where none begins here. */
  number(): number | null {
    const match = this.take(NUMBER);
    return match === null ? null : Number(match[0]);
  }

  get atEnd(): boolean {
    return this.position === this.text.length;
  }

  error(message: string): FilterSyntaxError {
    return new FilterSyntaxError(`${message} at character ${this.position + 1}`);
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.text);
    if (match !== null) this.position = pattern.lastIndex;
    return match;
  }
}
