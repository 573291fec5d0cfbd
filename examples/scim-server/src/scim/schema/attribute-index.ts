import type { AttributePath } from '../filter/filter.ast';
import type { Attribute } from './attribute';
import { COMMON_ATTRIBUTES } from './common-attributes';
import { GROUP_TYPE, USER_TYPE } from './resource-types';
import type { ResourceType, Schema } from './schema';

/** Where an attribute lives in a resource. */
export interface AttributePlace {
  readonly kind: 'attribute';
  /** The URN of the extension it belongs to, null for the resource's own. */
  readonly extension: string | null;
  readonly attribute: Attribute;
  readonly sub: Attribute | null;
}

/** A whole extension, named by its URN alone. */
export interface ExtensionPlace {
  readonly kind: 'extension';
  readonly extension: Schema;
}

export type Place = AttributePlace | ExtensionPlace;

type Names = ReadonlyMap<string, Attribute>;

/**
 * What a resource type's names mean, whatever their case. Only what is defined here is ever looked up
 * in a document or put into SQL.
 */
export class AttributeIndex {
  private readonly core: Names;
  private readonly extensions: ReadonlyMap<string, { schema: Schema; names: Names }>;

  constructor(private readonly type: ResourceType) {
    this.core = namesOf([...COMMON_ATTRIBUTES, ...type.schema.attributes]);
    this.extensions = new Map(
      type.extensions.map((schema) => [
        schema.id.toLowerCase(),
        { schema, names: namesOf(schema.attributes) },
      ]),
    );
  }

  /** The place a path names, null for one that is not defined. */
  find(path: AttributePath): Place | null {
    if (path.schema === null) return this.unqualified(path);
    const urn = path.schema.toLowerCase();
    if (urn === this.type.schema.id.toLowerCase()) return place(this.core, path, null);
    const extension = this.extensions.get(urn);
    if (extension !== undefined) return place(extension.names, path, extension.schema.id);
    return this.extensionItself(`${urn}:${path.name.toLowerCase()}`, path.sub);
  }

  /** A key of a resource's body: a name of its own schema, or an extension's URN. */
  findKey(key: string): Attribute | Schema | null {
    const folded = key.toLowerCase();
    return this.core.get(folded) ?? this.extensions.get(folded)?.schema ?? null;
  }

  /** Names that the resource's own schema lacks are looked for in its extensions: some clients leave the URN out. */
  private unqualified(path: AttributePath): Place | null {
    const own = place(this.core, path, null);
    if (own !== null) return own;
    for (const { schema, names } of this.extensions.values()) {
      const found = place(names, path, schema.id);
      if (found !== null) return found;
    }
    return null;
  }

  /** `urn:…:2.0:User` reads like an attribute `User`, and `urn:…:2.0:User.manager` like a part of it. */
  private extensionItself(urn: string, name: string | null): Place | null {
    const extension = this.extensions.get(urn);
    if (extension === undefined) return null;
    if (name === null) return { kind: 'extension', extension: extension.schema };
    return place(extension.names, { schema: null, name, sub: null }, extension.schema.id);
  }
}

const INDEXES = {
  User: new AttributeIndex(USER_TYPE),
  Group: new AttributeIndex(GROUP_TYPE),
} as const;

/** The index of a resource type's names. */
export const attributesOf = (type: ResourceType): AttributeIndex => INDEXES[type.name];

/** A part of a structured attribute by its name, whatever its case. */
export function subAttributeOf(attribute: Attribute, name: string): Attribute | null {
  const folded = name.toLowerCase();
  return attribute.subAttributes?.find((sub) => sub.name.toLowerCase() === folded) ?? null;
}

function namesOf(attributes: readonly Attribute[]): Names {
  return new Map(attributes.map((attribute) => [attribute.name.toLowerCase(), attribute]));
}

function place(names: Names, path: AttributePath, extension: string | null): AttributePlace | null {
  const attribute = names.get(path.name.toLowerCase());
  if (attribute === undefined) return null;
  if (path.sub === null) return { kind: 'attribute', extension, attribute, sub: null };
  const sub = subAttributeOf(attribute, path.sub);
  return sub === null ? null : { kind: 'attribute', extension, attribute, sub };
}
