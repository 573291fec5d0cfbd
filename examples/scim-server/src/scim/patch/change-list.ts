import type { Filter } from '../filter/filter.ast';
import { partOf, type ValueMatcher } from '../filter/value-matcher';
import { invalidValue, noTarget } from '../protocol/scim.error';
import type { Attribute } from '../schema/attribute';
import type { AttributePlace } from '../schema/attribute-index';
import type { ScimDocument } from '../schema/document';
import {
  isHollow,
  MAX_VALUES,
  readList,
  readParts,
  readSingle,
  unbared,
} from '../schema/read-value';
import type { ChosenValues, PatchStep } from './patch-request';
import { readPatchValue } from './patch-value';
import { KnownValues, ValueIdentity } from './value-identity';

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
    const known = new KnownValues(new ValueIdentity(this.attribute), this.items);
    for (const value of values) {
      const same = known.find(value);
      if (same === null) {
        this.items.push(value);
        known.add(value);
      }
      this.write(same ?? value, value);
    }
  }

  replaceAll(values: readonly ScimDocument[]): void {
    this.items = [...values];
  }

  remove(sub: Attribute | null, { chosen, value }: PatchStep): void {
    const meant = chosen?.matches ?? this.meantBy(sub === null ? value : null);
    if (sub === null) this.items = this.items.filter((item) => !meant(item));
    else this.items.filter(meant).forEach((item) => Reflect.deleteProperty(item, sub.name));
  }

  /** All values where none are listed. */
  private meantBy(value: unknown): ValueMatcher {
    if (value === undefined || value === null) return () => true;
    return listedIn(this.attribute, itemsOf(this.attribute, value));
  }

  setPart(sub: Attribute, step: PatchStep): void {
    const value = readPatchValue(sub, step.value);
    if (value === undefined && step.operation === 'add') return;
    for (const item of this.targets(step)) {
      if (value === undefined) Reflect.deleteProperty(item, sub.name);
      else this.write(item, { [sub.name]: value });
    }
  }

  setChosen(chosen: ChosenValues, step: PatchStep): void {
    const [first, ...others] = Array.isArray(step.value) ? (step.value as unknown[]) : [step.value];
    if (step.operation === 'replace' && (first === null || first === undefined)) {
      this.items = this.items.filter((item) => !chosen.matches(item));
    } else if (others.length > 0) {
      this.setChosenToSeveral(chosen, step);
    } else if (first !== undefined) {
      this.setChosenTo(first, chosen, step);
    }
  }

  /** One value: each chosen one takes its parts. */
  private setChosenTo(value: unknown, chosen: ChosenValues, step: PatchStep): void {
    const parts = readParts(this.attribute, unbared(this.attribute, value));
    const given = Object.fromEntries([...parts].filter(([, part]) => part !== undefined));
    for (const item of this.targets(step)) {
      if (step.operation === 'replace') {
        Object.keys(item).forEach((key) => Reflect.deleteProperty(item, key));
        Object.assign(item, impliedBy(this.attribute, chosen.filter));
      }
      this.write(item, given);
    }
  }

  /** Several values: they cannot all become one, so they are added, or take the place of the chosen ones. */
  private setChosenToSeveral(chosen: ChosenValues, step: PatchStep): void {
    if (step.operation === 'replace') {
      const replaced = new Set(this.targets(step));
      this.items = this.items.filter((item) => !replaced.has(item));
    }
    const implied = impliedBy(this.attribute, chosen.filter);
    this.add(itemsOf(this.attribute, step.value).map((value) => ({ ...implied, ...value })));
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

/** Whether a value is one of those listed: the same, or one that has all that the listed one names. */
function listedIn(list: Attribute, listed: readonly ScimDocument[]): ValueMatcher {
  const identity = new ValueIdentity(list);
  const hasValue = ({ value }: ScimDocument): boolean => value !== undefined;
  const values = new Set(listed.filter(hasValue).map((given) => identity.of(given)));
  const descriptions = listed
    .filter((given) => !hasValue(given))
    .map((given) => identity.partsOf(given));
  return (item) => {
    if (values.has(identity.of(item)) || values.has(identity.ofAnyType(item))) return true;
    if (descriptions.length === 0) return false;
    const parts = new Map(identity.partsOf(item));
    return descriptions.some((given) => given.every(([name, part]) => parts.get(name) === part));
  };
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
