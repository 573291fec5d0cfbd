import type { Attribute } from '../schema/attribute';
import type { ScimDocument } from '../schema/document';
import { fold, isCaseExact } from '../schema/fold';

type Part = readonly [name: string, part: unknown];

/**
 * What makes two values of a list the same: value and type, RFC 7643 §2.4, and all parts where there is
 * no value. Letters' case counts where the attribute says so.
 */
export class ValueIdentity {
  private readonly exact: ReadonlySet<string>;

  constructor(list: Attribute) {
    this.exact = new Set(list.subAttributes?.filter(isCaseExact).map(({ name }) => name));
  }

  of(item: ScimDocument): string {
    if (item.value === undefined) return JSON.stringify(this.partsOf(item));
    return item.type === undefined
      ? this.ofAnyType(item)
      : `${this.ofAnyType(item)}\0${String(this.folded('type', item.type))}`;
  }

  /** The identity by which a value is meant where no type is named. */
  ofAnyType(item: ScimDocument): string {
    return item.value === undefined
      ? this.of(item)
      : `=${String(this.folded('value', item.value))}`;
  }

  /** A value's parts as they are compared, in the order of their names. */
  partsOf(item: ScimDocument): Part[] {
    return Object.entries(item)
      .map(([name, part]): Part => [name, this.folded(name, part)])
      .sort(([left], [right]) => (left < right ? -1 : 1));
  }

  private folded(name: string, part: unknown): unknown {
    return typeof part === 'string' && !this.exact.has(name) ? fold(part) : part;
  }
}

/** The values of a list, found by what they are. */
export class KnownValues {
  private readonly items = new Map<string, ScimDocument>();

  constructor(
    private readonly identity: ValueIdentity,
    items: readonly ScimDocument[],
  ) {
    for (const item of items) this.add(item);
  }

  add(item: ScimDocument): void {
    for (const key of [this.identity.of(item), this.identity.ofAnyType(item)]) {
      if (!this.items.has(key)) this.items.set(key, item);
    }
  }

  /** The value that the given one is the same as; one without a type is of any type. */
  find(given: ScimDocument): ScimDocument | null {
    return this.items.get(this.identity.of(given)) ?? null;
  }
}
