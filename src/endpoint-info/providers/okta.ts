import type { ProviderResponse } from '../endpoint-info.response';
import { BARE, TOKEN, USERS } from './wording';

/** Okta's documentation says that a base URL cannot hold an underscore; `%5F` is the same to every server. */
export function okta(baseUrl: string): ProviderResponse {
  const [, origin = '', path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)?$/is.exec(baseUrl) ?? [];
  const notes = [
    'Okta looks a user up before it creates one. Updates of users come as PUT. Users are switched off, never deleted.',
    'Pushing groups needs groups:read and groups:write too.',
    `${BARE} Apps from the catalogue with a header of their own send what is typed: there type "Bearer " first. Both are from other vendors' guides.`,
    `The labels are from Okta's own guides and other vendors'. What "Test Connector Configuration" calls is unconfirmed.`,
  ];
  if (path.includes('_')) {
    notes.unshift(
      'Okta says that a base URL cannot hold "_": in the path it is written as %5F here, which is the same URL to every server. Whether Okta refuses one there is unconfirmed.',
    );
  }
  if (origin.includes('_')) {
    notes.unshift(
      'The host name holds "_", which Okta may refuse; it cannot be written another way.',
    );
  }
  return {
    id: 'okta',
    name: 'Okta',
    fields: [
      { label: 'SCIM connector base URL', value: origin + path.replaceAll('_', '%5F') },
      { label: 'Unique identifier field for users', value: 'userName' },
      { label: 'Authentication Mode', value: 'HTTP Header' },
      { label: 'Authorization', value: TOKEN },
    ],
    steps: [
      'Open "Applications" > "Applications" > "Create App Integration" and choose SAML 2.0 or SWA.',
      'On "General" press "Edit", set "Provisioning" to "SCIM" and press "Save".',
      'On the new tab "Provisioning" open "Integration", press "Edit", and enter "SCIM connector base URL" and "Unique identifier field for users".',
      'Tick under "Supported provisioning actions": "Push New Users", "Push Profile Updates" and, if wanted, "Push Groups".',
      'Set "Authentication Mode" to "HTTP Header" and enter the token under "Authorization".',
      'Press "Test Connector Configuration", then "Save".',
      'Under "To App" press "Edit", tick "Create Users", "Update User Attributes" and "Deactivate Users", and press "Save".',
      'Assign people or groups under "Assignments".',
    ],
    required_scopes: USERS,
    notes,
  };
}
