import { attribute, complex, type Attribute } from './attribute';

/** What every resource has and no schema lists, RFC 7643 §3.1. */
export const COMMON_ATTRIBUTES: readonly Attribute[] = [
  attribute('schemas', 'The schemas of this resource.', {
    type: 'reference',
    multiValued: true,
    required: true,
    caseExact: true,
    returned: 'always',
  }),
  attribute('id', 'The identifier that this server gave the resource.', {
    caseExact: true,
    mutability: 'readOnly',
    returned: 'always',
    uniqueness: 'server',
  }),
  attribute('externalId', "The identifier that the client's side gave it.", { caseExact: true }),
  complex(
    'meta',
    'What the server knows about the resource.',
    [
      attribute('resourceType', 'The kind of resource.', { caseExact: true }),
      attribute('created', 'When it was made.', { type: 'dateTime' }),
      attribute('lastModified', 'When it last changed.', { type: 'dateTime' }),
      attribute('location', 'Its URI.', { type: 'reference', caseExact: true }),
      attribute('version', 'Its entity tag.', { caseExact: true }),
    ],
    { mutability: 'readOnly' },
  ),
];
