import { FilterSyntaxError } from '../filter/filter.cursor';
import type { PatchPath } from '../filter/filter.ast';
import { parsePath } from '../filter/filter.parser';
import { matcherOf, termsOf, type ValueMatcher } from '../filter/value-matcher';
import { attributesOf, type Place } from '../schema/attribute-index';
import type { ScimDocument } from '../schema/document';
import type { ResourceType } from '../schema/schema';
import type { RawQuery } from './list-query';
import { splitNames } from './name-list';
import { invalidValue } from './scim.error';
import { Selection } from './selection';

/** Attributes that are there whatever is asked. */
const ALWAYS = new Set(['schemas', 'id']);
/** Names in one parameter. */
const MAX_NAMES = 200;
/** Comparisons in all names of one parameter: each is made with every value of a list. */
const MAX_TERMS = 20;

/** Which attributes of a resource an answer holds: RFC 7644 §3.9. Unknown names do no harm. */
export class Projection {
  private constructor(
    private readonly included: Selection | null,
    private readonly excluded: Selection,
  ) {}

  /** @throws ScimError for a value filter that cannot be asked, or too many of them */
  static of(type: ResourceType, query: RawQuery): Projection {
    const attributes = splitNames(query.attributes, MAX_NAMES);
    return new Projection(
      attributes.length === 0 ? null : selectionOf(type, attributes),
      selectionOf(type, splitNames(query.excludedAttributes, MAX_NAMES)),
    );
  }

  /** Whether the client named attributes that it wants. */
  get isNamed(): boolean {
    return this.included !== null;
  }

  /** Whether any of an attribute is part of the answer. */
  wants(name: string): boolean {
    if (ALWAYS.has(name)) return true;
    return (this.included?.has(name) ?? true) && !this.excluded.hasWhole(name);
  }

  /** The resource with what was asked for. */
  apply(resource: ScimDocument): ScimDocument {
    const kept: ScimDocument = {};
    for (const [name, value] of Object.entries(resource)) {
      if (!this.wants(name)) continue;
      const part = ALWAYS.has(name) ? value : this.partOf(name, value);
      if (part !== undefined) kept[name] = part;
    }
    return kept;
  }

  private partOf(name: string, value: unknown): unknown {
    const left = this.excluded.has(name) ? this.excluded.part(name).drop(value) : value;
    return this.included === null ? left : this.included.part(name).keep(left);
  }
}

/** @throws ScimError invalidFilter or invalidValue */
function selectionOf(type: ResourceType, names: readonly string[]): Selection {
  const selection = new Selection();
  let terms = 0;
  for (const name of names) {
    const path = tryParse(name);
    const place = path && attributesOf(type).find(path.path);
    if (!place) continue;
    terms += path.filter === null ? 0 : termsOf(path.filter);
    if (terms > MAX_TERMS) {
      throw invalidValue(`Names of attributes may have at most ${MAX_TERMS} comparisons`);
    }
    const [key, ...parts] = keysOf(place);
    selection.part(key).add({ parts, values: valuesOf(place, path) });
  }
  return selection;
}

/** An extension's attributes are parts of what stands under its URN. */
function keysOf(place: Place): [key: string, ...parts: string[]] {
  if (place.kind === 'extension') return [place.extension.id];
  const { extension, attribute, sub } = place;
  const parts = sub === null ? [] : [sub.name];
  return extension === null ? [attribute.name, ...parts] : [extension, attribute.name, ...parts];
}

function valuesOf(place: Place, { filter }: PatchPath): ValueMatcher | null {
  const isList = place.kind === 'attribute' && place.attribute.subAttributes !== undefined;
  return filter === null || !isList ? null : matcherOf(place.attribute, filter);
}

function tryParse(name: string): PatchPath | null {
  try {
    return parsePath(name);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return null;
    throw error;
  }
}
