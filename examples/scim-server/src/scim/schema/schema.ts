import type { Attribute } from './attribute';

/** A schema as RFC 7643 §7 publishes it. */
export interface Schema {
  /** Its URN. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly attributes: readonly Attribute[];
}

/** A kind of resource, RFC 7643 §6. */
export interface ResourceType {
  readonly name: 'User' | 'Group';
  readonly description: string;
  /** Path below the SCIM base URL, with a leading slash. */
  readonly endpoint: string;
  readonly schema: Schema;
  /** Schemas that a resource may carry beside its own, each under its URN. */
  readonly extensions: readonly Schema[];
}
