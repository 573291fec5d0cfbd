import { isDeepStrictEqual } from 'node:util';
import type { Filter } from '../filter/filter.ast';
import { partOf } from '../filter/value-matcher';
import { invalidValue, noTarget } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import type { AttributePlace } from '../schema/attribute-index';
import type { ScimDocument } from '../schema/document';
import { isHollow, MAX_VALUES, readList, readParts, readSingle } from '../schema/read-value';
import type { ChosenValues, PatchStep } from './patch-request';

/**
 * The list as a step leaves it.
 *
 * @throws ScimError noTarget where `replace` chooses values and there are none; invalidValue
 */
export function changeList(
  items: readonly ScimDocument[],
  { attribute, sub }: AttributePlace,
  step: PatchStep,
): ScimDocument[] {
  const list = new ListChange(attribute, items);
  if (step.operation === 'remove') list.remove(sub, step);
  else if (sub !== null) list.setPart(sub, step);
  else if (step.chosen !== null) list.setChosen(step.chosen, step);
  else if (step.operation === 'add') list.add(itemsOf(attribute, step.value));
  else list.replaceAll(itemsOf(attribute, step.value));
  return list.result();
}

class ListChange {
  private items: ScimDocument[];
  /** The value that was written as primary: the others no longer are. */
  private primary: ScimDocument | null = null;

  constructor(
    private readonly attribute: Attribute,
    items: readonly ScimDocument[],
  ) {
    this.items = [...items];
  }

  add(values: readonly ScimDocument[]): void {
    for (const value of values) {
      const same = this.items.find((item) => isSame(item, value));
      if (same === undefined) this.items.push(value);
      this.write(same ?? value, value);
    }
  }

  replaceAll(values: readonly ScimDocument[]): void {
    this.items = [...values];
  }

  remove(sub: Attribute | null, { chosen, value }: PatchStep): void {
    const whole = value === undefined || value === null || sub !== null;
    const listed = chosen === null && !whole ? itemsOf(this.attribute, value) : [];
    const meant = (item: ScimDocument): boolean =>
      chosen === null
        ? whole || listed.some((given) => includes(item, given))
        : chosen.matches(item);
    if (sub === null) this.items = this.items.filter((item) => !meant(item));
    else this.items.filter(meant).forEach((item) => Reflect.deleteProperty(item, sub.name));
  }

  setPart(sub: Attribute, step: PatchStep): void {
    const value = readSingle(sub, step.value);
    if (value === undefined && step.operation === 'add') return;
    for (const item of this.targets(step)) {
      if (value === undefined) Reflect.deleteProperty(item, sub.name);
      else this.write(item, { [sub.name]: value });
    }
  }

  setChosen(chosen: ChosenValues, step: PatchStep): void {
    if (step.operation === 'replace' && step.value === null) {
      this.items = this.items.filter((item) => !chosen.matches(item));
      return;
    }
    const value = step.value;
    const parts = readParts(this.attribute, Array.isArray(value) ? value[0] : value);
    const given = Object.fromEntries([...parts].filter(([, part]) => part !== undefined));
    for (const item of this.targets(step)) {
      if (step.operation === 'replace') {
        Object.keys(item).forEach((key) => Reflect.deleteProperty(item, key));
        Object.assign(item, impliedBy(this.attribute, chosen.filter));
      }
      this.write(item, given);
    }
  }

  result(): ScimDocument[] {
    const items = this.items.filter((item) => !isHollow(item));
    if (items.length > MAX_VALUES) {
      throw invalidValue(`${this.attribute.name} may have at most ${MAX_VALUES} values`);
    }
    for (const item of items) {
      if (this.primary !== null && item !== this.primary && item.primary === true) {
        item.primary = false;
      }
    }
    return items;
  }

  /** The values a step is about; adding to a choice that matches none makes one that it matches. */
  private targets({ operation, chosen }: PatchStep): readonly ScimDocument[] {
    const found = chosen === null ? this.items : this.items.filter(chosen.matches);
    if (found.length > 0) return found;
    if (chosen !== null && operation === 'replace') {
      throw noTarget(`No value of ${this.attribute.name} matches the path`);
    }
    const made = chosen === null ? {} : impliedBy(this.attribute, chosen.filter);
    this.items.push(made);
    return [made];
  }

  private write(item: ScimDocument, parts: ScimDocument): void {
    Object.assign(item, parts);
    if (parts.primary === true) this.primary = item;
  }
}

/** A single value may stand for a list of one. */
function itemsOf(attribute: Attribute, value: unknown): ScimDocument[] {
  const single = typeof value === 'object' && value !== null && !Array.isArray(value);
  return readList(attribute, single ? [value] : value) ?? [];
}

/** Whether a value is in the list already: the same value of the same kind, RFC 7643 §2.4. */
function isSame(item: ScimDocument, given: ScimDocument): boolean {
  if (item.value === undefined || given.value === undefined) return isDeepStrictEqual(item, given);
  return item.value === given.value && (given.type === undefined || item.type === given.type);
}

/** Whether a value has all that the given one names. */
function includes(item: ScimDocument, given: ScimDocument): boolean {
  if (given.value !== undefined) return isSame(item, given);
  return Object.entries(given).every(([name, part]) => item[name] === part);
}

/** What a filter says of every value it matches: the equalities that it joins by `and`. */
function impliedBy(list: Attribute, filter: Filter): ScimDocument {
  if (filter.kind === 'and') {
    return Object.assign(
      {},
      ...filter.filters.map((part) => impliedBy(list, part)),
    ) as ScimDocument;
  }
  if (filter.kind !== 'compare' || filter.operator !== 'eq') return {};
  const part = partOf(list, filter.path);
  const value = readSingle(part, filter.value);
  return value === undefined ? {} : { [part.name]: value };
}
