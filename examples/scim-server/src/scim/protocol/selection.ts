import type { ValueMatcher } from '../filter/value-matcher';
import { isObject } from '../schema/document';

/** Where a name leads: the parts below an attribute, and which values of a list are meant. */
export interface SelectedPath {
  readonly parts: readonly string[];
  /** Null for all values. */
  readonly values: ValueMatcher | null;
}

/** What is selected of a value: all of it, some of its parts, or of a list some values. */
export class Selection {
  private isWhole = false;
  private readonly parts = new Map<string, Selection>();
  private readonly chosen: { readonly values: ValueMatcher; readonly selection: Selection }[] = [];

  add({ parts, values }: SelectedPath): void {
    if (values !== null) {
      const selection = new Selection();
      selection.add({ parts, values: null });
      this.chosen.push({ values, selection });
      return;
    }
    const [part, ...further] = parts;
    if (part === undefined) this.isWhole = true;
    else this.part(part).add({ parts: further, values });
  }

  /** The selection of a part, made where there is none. */
  part(name: string): Selection {
    const known = this.parts.get(name) ?? new Selection();
    this.parts.set(name, known);
    return known;
  }

  /** Whether any of a part is selected. */
  has(name: string): boolean {
    return this.parts.has(name);
  }

  /** Whether all of a part is selected. */
  hasWhole(name: string): boolean {
    return this.parts.get(name)?.isWhole === true;
  }

  /** What is selected of the value; undefined for nothing. */
  keep(value: unknown): unknown {
    return eachOf(value, (item) => this.keepOf(item));
  }

  /** What is left of the value without what is selected; undefined for nothing. */
  drop(value: unknown): unknown {
    return eachOf(value, (item) => this.dropFrom(item));
  }

  private keepOf(item: unknown): unknown {
    if (this.isWhole) return item;
    if (!isObject(item)) return undefined;
    const kept: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(item)) {
      const found = this.parts.get(name)?.keep(part);
      if (found !== undefined) kept[name] = found;
    }
    for (const { values, selection } of this.chosen) {
      if (values(item)) Object.assign(kept, selection.keepOf(item));
    }
    return unlessEmpty(kept);
  }

  private dropFrom(item: unknown): unknown {
    if (this.isWhole) return undefined;
    if (!isObject(item)) return item;
    const kept: Record<string, unknown> = {};
    for (const [name, part] of Object.entries(item)) {
      const found = this.parts.has(name) ? this.part(name).drop(part) : part;
      if (found !== undefined) kept[name] = found;
    }
    let left: unknown = unlessEmpty(kept);
    for (const { values, selection } of this.chosen) {
      if (values(item)) left = selection.dropFrom(left);
    }
    return left;
  }
}

function eachOf(value: unknown, change: (item: unknown) => unknown): unknown {
  if (!Array.isArray(value)) return change(value);
  const items = value.map(change).filter((item) => item !== undefined);
  return items.length === 0 ? undefined : items;
}

const unlessEmpty = (object: Record<string, unknown>): Record<string, unknown> | undefined =>
  Object.keys(object).length === 0 ? undefined : object;
