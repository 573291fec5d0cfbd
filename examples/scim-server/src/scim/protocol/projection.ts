import type { AttributePath } from '../filter/filter.ast';
import { FilterSyntaxError } from '../filter/filter.cursor';
import { parseAttributePath } from '../filter/filter.parser';
import { attributesOf, type Place } from '../schema/attribute-index';
import { isObject, type ScimDocument } from '../schema/document';
import type { ResourceType } from '../schema/schema';
import { lastOf, type RawQuery } from './list-query';

/** Attributes that are there whatever is asked. */
const ALWAYS = new Set(['schemas', 'id']);
/** Names in one parameter. */
const MAX_NAMES = 200;

/** Parts of an attribute, or all of it. */
type Selection = ReadonlySet<string> | 'all';

/** Which attributes of a resource an answer holds: RFC 7644 §3.9. Unknown names do no harm. */
export class Projection {
  private constructor(
    private readonly included: ReadonlyMap<string, Selection> | null,
    private readonly excluded: ReadonlyMap<string, Selection>,
  ) {}

  static of(type: ResourceType, query: RawQuery): Projection {
    const attributes = lastOf(query.attributes);
    return new Projection(
      attributes === null || attributes.trim() === '' ? null : selections(type, attributes),
      selections(type, lastOf(query.excludedAttributes) ?? ''),
    );
  }

  /** Whether the client named attributes that it wants. */
  get isNamed(): boolean {
    return this.included !== null;
  }

  /** Whether any of an attribute is part of the answer. */
  wants(name: string): boolean {
    if (ALWAYS.has(name)) return true;
    return (this.included?.has(name) ?? true) && this.excluded.get(name) !== 'all';
  }

  /** The resource with what was asked for. */
  apply(resource: ScimDocument): ScimDocument {
    const kept: ScimDocument = {};
    for (const [name, value] of Object.entries(resource)) {
      if (!this.wants(name)) continue;
      if (ALWAYS.has(name)) kept[name] = value;
      else kept[name] = this.partsOf(name, value);
    }
    return kept;
  }

  private partsOf(name: string, value: unknown): unknown {
    const included = this.included?.get(name) ?? 'all';
    const excluded = this.excluded.get(name);
    if (included === 'all' && excluded === undefined) return value;
    const keep = (part: string): boolean =>
      (included === 'all' || included.has(part)) &&
      !(excluded !== undefined && excluded !== 'all' && excluded.has(part));
    const pick = (item: unknown): unknown =>
      isObject(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => keep(key))) : item;
    return Array.isArray(value) ? value.map(pick) : pick(value);
  }
}

function selections(type: ResourceType, text: string): ReadonlyMap<string, Selection> {
  const found = new Map<string, Set<string> | 'all'>();
  const names = text.split(',', MAX_NAMES).map((name) => name.trim());
  for (const name of names.filter((name) => name !== '')) {
    const path = tryParse(name);
    const place = path && attributesOf(type).find(path);
    if (!place) continue;
    const [key, part] = keyOf(place);
    const known = found.get(key);
    if (part === null || known === 'all') found.set(key, 'all');
    else found.set(key, (known ?? new Set()).add(part));
  }
  return found;
}

/** An extension's attributes are parts of what stands under its URN. */
function keyOf(place: Place): [key: string, part: string | null] {
  if (place.kind === 'extension') return [place.extension.id, null];
  if (place.extension !== null) return [place.extension, place.attribute.name];
  return [place.attribute.name, place.sub?.name ?? null];
}

function tryParse(name: string): AttributePath | null {
  try {
    return parseAttributePath(name);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return null;
    throw error;
  }
}
