import {
  ALL,
  BARE,
  DOCUMENTED,
  GROUPS_TOO,
  OTHERS,
  TEST_ADDRESS,
  TOKEN,
  USERS,
  type ConnectionUrls,
  type ProviderDescription,
} from './provider';

/** Okta's documentation says that a base URL cannot hold an underscore; `%5F` is the same to every server. */
export function okta({ baseUrl }: ConnectionUrls): ProviderDescription {
  const [, origin = '', path = ''] = /^([a-z]+:\/\/[^/]*)(\/.*)?$/is.exec(baseUrl) ?? [];
  const notes = [
    'Okta looks a user up before it creates one. Updates of users come as PUT. Users are switched off, never deleted.',
    'Pushing groups needs groups:read and groups:write too.',
    "Okta's OAuth 2.0 for SCIM is the authorization code, not client credentials: enter a bearer token.",
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
    required_scopes: USERS,
    bearer: {
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
      notes,
    },
  };
}

/** The template decides what is sent, so the steps name it. */
export const oneLogin = ({ baseUrl }: ConnectionUrls): ProviderDescription => ({
  id: 'onelogin',
  name: 'OneLogin',
  required_scopes: USERS,
  bearer: {
    fields: [
      { label: 'SCIM Base URL', value: baseUrl },
      { label: 'SCIM Bearer Token', value: TOKEN },
    ],
    steps: [
      'Open "Applications" > "Add App" and choose "SCIM Provisioner with SAML (SCIM v2 Core)" or "(SCIM v2 Enterprise)"; press "Save".',
      'On "Configuration" enter "SCIM Base URL" and "SCIM Bearer Token"; use the 2.0 schemas in "SCIM JSON Template".',
      'Press "Enable" under "API Connection", then "Save".',
      'On "Parameters" map scimusername.',
      'On "Provisioning" tick "Enable provisioning" and choose which actions need an approval; press "Save".',
      'Assign people through roles or under "Users" > "Applications".',
    ],
    notes: [BARE, GROUPS_TOO, OTHERS, 'What OneLogin does after a 401 is unconfirmed.'],
  },
});

/** Its connection test writes, hence all scopes. */
export const jumpCloud = ({ baseUrl }: ConnectionUrls): ProviderDescription => ({
  id: 'jumpcloud',
  name: 'JumpCloud',
  required_scopes: ALL,
  bearer: {
    fields: [
      { label: 'API Type', value: 'SCIM API' },
      { label: 'SCIM Version', value: 'SCIM 2.0' },
      { label: 'Base URL', value: baseUrl },
      { label: 'Token Key', value: TOKEN },
      { label: 'Test User Email', value: TEST_ADDRESS },
    ],
    steps: [
      'Open "SSO Applications" > "Add New Application" > "Custom Application" > "Export users to this app (Identity Management)", save, and press "Configure Application".',
      'On "Identity Management" choose "API Type" and "SCIM Version".',
      'Enter "Base URL" without a slash at its end, "Token Key" and "Test User Email".',
      'For groups tick "Enable management of User Groups and Group Membership in this application".',
      'Press "Test Connection", "Activate" and "Save"; bind groups under "User Groups".',
    ],
    notes: [
      'The test makes a user and a group and deletes them: the token needs to write both.',
      'Every later change, a new token too, asks for a test address again.',
      BARE,
      DOCUMENTED,
      'What JumpCloud does after a 401 is unconfirmed.',
    ],
  },
});

/** Group management is ticked in its steps, hence all scopes. */
export const rippling = ({ baseUrl }: ConnectionUrls): ProviderDescription => ({
  id: 'rippling',
  name: 'Rippling',
  required_scopes: ALL,
  bearer: {
    fields: [
      { label: 'SCIM Version', value: '2.0' },
      { label: 'SCIM base URL', value: baseUrl },
      { label: 'SCIM Authorization Method', value: 'Bearer Token' },
      { label: 'Bearer Token', value: TOKEN },
    ],
    steps: [
      'Open "IT" > "Third-Party Access" > "Add Integration" > "Create New Custom Integration" and choose "User Management via SCIM".',
      'Enter "SCIM Version", "SCIM base URL" and "SCIM Authorization Method".',
      'Tick groups, pagination, creating and deleting groups, and "Use PATCH to edit Groups"; choose "Supported SCIM Attributes".',
      'Press "Install now" and paste the "Bearer Token".',
    ],
    notes: [OTHERS, 'How Rippling matches users, and when it syncs, is unconfirmed.'],
  },
});

/** Roles are mapped to groups in its steps, hence all scopes. */
export const cyberArk = ({ baseUrl }: ConnectionUrls): ProviderDescription => ({
  id: 'cyberark',
  name: 'CyberArk Identity',
  required_scopes: ALL,
  bearer: {
    fields: [
      { label: 'SCIM Service URL', value: baseUrl },
      { label: 'Authorization Type', value: 'Authorization Header' },
      { label: 'Header Type', value: 'Bearer Token' },
      { label: 'Bearer Token', value: TOKEN },
    ],
    steps: [
      'In the SAML app open "Provisioning", tick "Enable provisioning for this application", confirm with "Yes" and choose "Live Mode".',
      'Enter "SCIM Service URL" without a slash at its end.',
      'Set "Authorization Type" to "Authorization Header" and "Header Type" to "Bearer Token", and enter "Bearer Token".',
      'Press "Verify", set "Sync Options" and "Role Mapping", and press "Save".',
    ],
    notes: [
      'CyberArk reads users, the service provider configuration, resource types and schemas. Users are updated by PUT, groups by PATCH.',
      'Its documentation assumes a token that never expires: rotate before it does.',
      OTHERS,
    ],
  },
});
