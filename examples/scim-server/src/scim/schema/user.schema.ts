import { attribute, complex, list, plural } from './attribute';
import type { Schema } from './schema';

const value = (description: string) => attribute('value', description);

/** RFC 7643 §4.1 and §8.7.1. */
export const USER_SCHEMA: Schema = {
  id: 'urn:ietf:params:scim:schemas:core:2.0:User',
  name: 'User',
  description: 'User Account',
  attributes: [
    attribute('userName', 'The name by which the user signs in; unique in the tenant.', {
      required: true,
      uniqueness: 'server',
    }),
    complex('name', "The parts of the user's name.", [
      attribute('formatted', 'The full name, ready to be shown.'),
      attribute('familyName', 'The family name, or last name.'),
      attribute('givenName', 'The given name, or first name.'),
      attribute('middleName', 'The middle names.'),
      attribute('honorificPrefix', 'Titles before the name, such as "Dr."'),
      attribute('honorificSuffix', 'Suffixes after the name, such as "III".'),
    ]),
    attribute('displayName', 'The name to show to others.'),
    attribute('nickName', 'The casual way to address the user.'),
    attribute('profileUrl', "The address of the user's profile page.", {
      type: 'reference',
      referenceTypes: ['external'],
    }),
    attribute('title', 'The job title.'),
    attribute('userType', 'The relationship to the organisation, such as "Contractor".'),
    attribute('preferredLanguage', 'The preferred language, such as "en-US".'),
    attribute('locale', 'The location for formats of currency, date and number.'),
    attribute('timezone', 'The time zone, such as "America/Los_Angeles".'),
    attribute('active', 'Whether the user may sign in.', { type: 'boolean' }),
    attribute('password', 'A clear-text password: taken, never kept by this server.', {
      caseExact: true,
      mutability: 'writeOnly',
      returned: 'never',
    }),
    list('emails', 'E-mail addresses.', plural(value('The address.'), ['work', 'home', 'other'])),
    list(
      'phoneNumbers',
      'Telephone numbers.',
      plural(value('The number.'), ['work', 'home', 'mobile', 'fax', 'pager', 'other']),
    ),
    list('ims', 'Instant messaging addresses.', plural(value('The address.'))),
    list(
      'photos',
      'Pictures of the user.',
      plural(
        attribute('value', "The picture's URL.", {
          type: 'reference',
          referenceTypes: ['external'],
          caseExact: true,
        }),
        ['photo', 'thumbnail'],
      ),
    ),
    list('addresses', 'Postal addresses.', [
      attribute('formatted', 'The full address, ready to be shown.'),
      attribute('streetAddress', 'Street, house number, apartment.'),
      attribute('locality', 'The city.'),
      attribute('region', 'The state or region.'),
      attribute('postalCode', 'The postal code.'),
      attribute('country', 'The country, ISO 3166-1 alpha-2.'),
      attribute('type', 'A label for the kind of address.', {
        canonicalValues: ['work', 'home', 'other'],
      }),
      attribute('primary', 'Whether this is the preferred address; true at most once.', {
        type: 'boolean',
      }),
    ]),
    list(
      'groups',
      'The groups that the user is a direct member of.',
      [
        attribute('value', "The group's id.", { caseExact: true, mutability: 'readOnly' }),
        attribute('$ref', "The group's URI.", {
          type: 'reference',
          referenceTypes: ['Group'],
          caseExact: true,
          mutability: 'readOnly',
        }),
        attribute('display', "The group's displayName.", { mutability: 'readOnly' }),
        attribute('type', 'How the membership came about.', {
          canonicalValues: ['direct'],
          mutability: 'readOnly',
        }),
      ],
      { mutability: 'readOnly' },
    ),
    list('entitlements', 'Things that the user has.', plural(value('The entitlement.'))),
    list('roles', 'What the user is, such as "Student".', plural(value('The role.'))),
    list(
      'x509Certificates',
      'Certificates of the user.',
      plural(attribute('value', 'The certificate, DER in base64.', { type: 'binary' })),
    ),
  ],
};
