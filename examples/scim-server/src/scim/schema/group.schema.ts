import { attribute, list } from './attribute';
import type { Schema } from './schema';

/** RFC 7643 §4.2. */
export const GROUP_SCHEMA: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  name: 'Group',
  description: 'Group',
  attributes: [
    attribute('displayName', 'The name to show.', { required: true }),
    list('members', 'The users and groups in the group.', [
      attribute('value', "The member's id.", { caseExact: true, mutability: 'immutable' }),
      attribute('$ref', "The member's URI.", {
        type: 'reference',
        referenceTypes: ['User', 'Group'],
        caseExact: true,
        mutability: 'immutable',
      }),
      attribute('type', 'The kind of member.', {
        canonicalValues: ['User', 'Group'],
        mutability: 'immutable',
      }),
      attribute('display', "The member's name.", { mutability: 'readOnly' }),
    ]),
  ],
};
