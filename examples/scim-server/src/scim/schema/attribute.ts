export type AttributeType = 'string' | 'boolean' | 'dateTime' | 'reference' | 'complex' | 'binary';

/** An attribute's definition as RFC 7643 §7 publishes it. */
export interface Attribute {
  readonly name: string;
  readonly type: AttributeType;
  readonly multiValued: boolean;
  readonly description: string;
  readonly required: boolean;
  readonly caseExact: boolean;
  readonly mutability: 'readOnly' | 'readWrite' | 'immutable' | 'writeOnly';
  readonly returned: 'always' | 'never' | 'default' | 'request';
  readonly uniqueness: 'none' | 'server' | 'global';
  readonly canonicalValues?: readonly string[];
  readonly referenceTypes?: readonly string[];
  readonly subAttributes?: readonly Attribute[];
}

/** An attribute with RFC 7643 §2.2's defaults for what is not said. */
export function attribute(
  name: string,
  description: string,
  facets: Partial<Attribute> = {},
): Attribute {
  return {
    name,
    type: 'string',
    multiValued: false,
    description,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...facets,
  };
}

/** A single structured attribute, such as `name`. */
export const complex = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  facets: Partial<Attribute> = {},
): Attribute => attribute(name, description, { type: 'complex', subAttributes, ...facets });

/** A list of structured values, such as `emails`. */
export const list = (
  name: string,
  description: string,
  subAttributes: readonly Attribute[],
  facets: Partial<Attribute> = {},
): Attribute => complex(name, description, subAttributes, { multiValued: true, ...facets });

/** What RFC 7643 §2.4 gives every list: a value, a label to show, its kind, and which one comes first. */
export function plural(
  value: Attribute,
  canonicalTypes: readonly string[] = [],
): readonly Attribute[] {
  return [
    value,
    attribute('display', 'A human-readable name, for display only.'),
    attribute('type', 'A label for the kind of value.', {
      ...(canonicalTypes.length > 0 && { canonicalValues: canonicalTypes }),
    }),
    attribute('primary', 'Whether this is the preferred value; true at most once.', {
      type: 'boolean',
    }),
  ];
}
