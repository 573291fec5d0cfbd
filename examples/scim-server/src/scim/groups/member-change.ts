import type { Filter } from '../filter/filter.ast';
import type { PatchStep } from '../patch/patch-request';
import { invalidValue } from '../protocol/scim.error';
import { isObject, memberOf } from '../schema/document';

/** A change of a group's members, as the rows take it. */
export type MemberChange =
  | { readonly kind: 'add' | 'remove' | 'replace'; readonly ids: readonly string[] }
  | { readonly kind: 'removeMatching'; readonly filter: Filter };

/** Whether a step is about members. */
export const isMemberStep = ({ place }: PatchStep): boolean =>
  place.kind === 'attribute' && place.attribute.name === 'members';

/**
 * What a PATCH step does to the members.
 *
 * @throws ScimError invalidValue
 */
export function memberChangeOf({ operation, chosen, value }: PatchStep): MemberChange {
  if (chosen !== null) return chosenChange(operation, chosen.filter, value);
  const nothing = value === null || value === undefined;
  if (operation === 'remove' && !nothing) return { kind: 'remove', ids: readMemberIds(value) };
  if (operation === 'add') return { kind: 'add', ids: nothing ? [] : readMemberIds(value) };
  return { kind: 'replace', ids: nothing ? [] : readMemberIds(value) };
}

/**
 * The ids in a list of members; of a single one too, which some clients send without the list.
 *
 * @throws ScimError invalidValue
 */
export function readMemberIds(value: unknown): string[] {
  const members: readonly unknown[] = Array.isArray(value) ? value : [value];
  const ids = members.map((member) => (isObject(member) ? memberOf(member, 'value') : null));
  if (!ids.every((id) => typeof id === 'string')) {
    throw invalidValue('members must be a list of objects, each with a value');
  }
  return [...new Set(ids)];
}

function chosenChange(
  operation: PatchStep['operation'],
  filter: Filter,
  value: unknown,
): MemberChange {
  if (operation === 'remove' || value === null) return { kind: 'removeMatching', filter };
  const named = filter.kind === 'compare' && filter.operator === 'eq' ? filter.value : null;
  if (operation === 'add' && typeof named === 'string') {
    const given = isObject(value) || Array.isArray(value) ? readMemberIds(value) : [];
    if (given.some((id) => id !== named)) throw invalidValue('The path names another member');
    return { kind: 'add', ids: [named] };
  }
  throw invalidValue('A member can be added and removed, not changed');
}
