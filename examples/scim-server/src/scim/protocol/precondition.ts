import { entityTagOf, type ResourceRow } from './resource';
import { versionMismatch } from './scim.error';

/** The client's condition on a resource's version: the value of If-Match, null without one. */
export type Precondition = string | null;

/**
 * Checks If-Match against the state that a write is about to replace.
 *
 * @throws ScimError 412
 */
export function requireVersion(condition: Precondition, row: ResourceRow): void {
  if (condition !== null && !namesTag(condition, entityTagOf(row))) throw versionMismatch();
}

/**
 * Whether If-Match or If-None-Match names an entity tag. Tags are compared weakly, as RFC 7644 §3.14 uses
 * them.
 */
export function namesTag(condition: string, tag: string): boolean {
  const opaque = (text: string): string => text.trim().replace(/^W\//, '');
  return (
    condition.trim() === '*' || condition.split(',').some((one) => opaque(one) === opaque(tag))
  );
}
