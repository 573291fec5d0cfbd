import { entityTagOf } from './resource';
import { versionMismatch } from './scim.error';

/** The client's condition on a resource's version: the value of If-Match, null without one. */
export type Precondition = string | null;

/**
 * Checks If-Match against the version that a write is about to replace. Tags are compared weakly, as
 * RFC 7644 §3.14 uses them.
 *
 * @throws ScimError 412
 */
export function requireVersion(condition: Precondition, version: number): void {
  if (condition === null || condition.trim() === '*') return;
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  const current = opaque(entityTagOf(version));
  if (!condition.split(',').some((tag) => opaque(tag) === current)) throw versionMismatch();
}
