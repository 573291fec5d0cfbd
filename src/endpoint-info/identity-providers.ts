import { SCIM_SCOPES, type ScimScope } from '../core/token';
import type { IdentityProviderResponse } from './endpoint-info.dto';

/** What to enter in each identity provider's admin console, in its own words. */
export function identityProviders(baseUrl: string): IdentityProviderResponse[] {
  return [entra, okta, oneLogin, jumpCloud, pingOne, rippling, cyberArk, generic].map((describe) =>
    describe(baseUrl),
  );
}

/** Goes into a field that takes the token: a value is shown once, and never here. */
const TOKEN = 'The value shown when the token was created';

/** The mistake that most administrators make. */
const BARE = 'Paste the value alone: this console puts "Bearer " in front of it.';

/** How sure the labels are, so that an administrator knows when a screen may differ. */
const DOCUMENTED = "The labels are from the provider's own documentation.";
/** The same, where the provider itself says nothing. */
const OTHERS =
  "The labels are from other vendors' guides, not from the provider's own documentation.";

/** Reading is in every set: all providers look a user up before they write it. */
const USERS: ScimScope[] = ['users:read', 'users:write'];
/** For providers that write groups too. */
const ALL: ScimScope[] = [...SCIM_SCOPES];

/** The flag in the URL: without it Entra sends PATCH requests in a shape of its own. */
const entra = (baseUrl: string): IdentityProviderResponse => ({
  id: 'entra',
  name: 'Microsoft Entra ID',
  fields: [
    { label: 'Tenant URL', value: `${baseUrl}?aadOptscim062020` },
    { label: 'Secret Token', value: TOKEN },
  ],
  steps: [
    'In the Entra admin center open "Entra ID" > "Enterprise apps" > "+ New application" > "+ Create your own application" and choose the option for an app that is not in the gallery.',
    'Open "Provisioning" > "+ New configuration"; where "Select authentication method" is shown, choose "Bearer authentication".',
    'Enter "Tenant URL" and "Secret Token".',
    'Press "Test Connection", then "Create".',
    'Assign people under "Users and groups" and check "Matching" under "Attribute mapping".',
    'Try one user with "Provision on-demand", then press "Start provisioning" on "Overview".',
  ],
  required_scopes: ALL,
  notes: [
    'The flag aadOptscim062020 in the URL makes Entra send PATCH requests as RFC 7644 has them.',
    'While "Secret Token" is empty Entra sends a JWT of its own, which is refused.',
    '"Test Connection" looks for a user that does not exist and may read a user and a group: the token needs to read both.',
    'A 401 puts the job into quarantine; after 28 days there it is disabled. Rotate before the token expires.',
    `${BARE} That is from one other vendor's guide.`,
    `${DOCUMENTED} "Select authentication method" is from one other vendor's guide.`,
  ],
});

/** Okta's documentation says that a base URL cannot hold an underscore; `%5F` is the same to every server. */
function okta(baseUrl: string): IdentityProviderResponse {
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

/** The template decides what is sent, so the steps name it. */
const oneLogin = (baseUrl: string): IdentityProviderResponse => ({
  id: 'onelogin',
  name: 'OneLogin',
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
  required_scopes: USERS,
  notes: [
    BARE,
    'Provisioning groups needs groups:read and groups:write too.',
    OTHERS,
    'What OneLogin does after a 401 is unconfirmed.',
  ],
});

/** Its connection test writes, hence all scopes. */
const jumpCloud = (baseUrl: string): IdentityProviderResponse => ({
  id: 'jumpcloud',
  name: 'JumpCloud',
  fields: [
    { label: 'API Type', value: 'SCIM API' },
    { label: 'SCIM Version', value: 'SCIM 2.0' },
    { label: 'Base URL', value: baseUrl },
    { label: 'Token Key', value: TOKEN },
    { label: 'Test User Email', value: 'An address that is not in use yet' },
  ],
  steps: [
    'Open "SSO Applications" > "Add New Application" > "Custom Application" > "Export users to this app (Identity Management)", save, and press "Configure Application".',
    'On "Identity Management" choose "API Type" and "SCIM Version".',
    'Enter "Base URL" without a slash at its end, "Token Key" and "Test User Email".',
    'For groups tick "Enable management of User Groups and Group Membership in this application".',
    'Press "Test Connection", "Activate" and "Save"; bind groups under "User Groups".',
  ],
  required_scopes: ALL,
  notes: [
    'The test makes a user and a group and deletes them: the token needs to write both.',
    'Every later change, a new token too, asks for a test address again.',
    BARE,
    DOCUMENTED,
    'What JumpCloud does after a 401 is unconfirmed.',
  ],
});

/** Takes the resources apart from the base URL. */
const pingOne = (baseUrl: string): IdentityProviderResponse => ({
  id: 'pingone',
  name: 'PingOne',
  fields: [
    { label: 'SCIM base URL', value: baseUrl },
    { label: 'Users resource', value: '/Users' },
    { label: 'Groups resource', value: '/Groups' },
    { label: 'SCIM version', value: '2.0' },
    { label: 'Authentication method', value: 'OAuth 2 Bearer Token' },
    { label: 'OAuth Access Token', value: TOKEN },
    { label: 'Auth Type Header', value: 'Bearer' },
  ],
  steps: [
    'Open "Integrations" > "Provisioning" > "+" > "New Connection", choose "Identity Store" and "SCIM Outbound", name it and press "Next".',
    'Enter "SCIM base URL", "Users resource", "Groups resource" and "SCIM version".',
    'Choose "OAuth 2 Bearer Token" as "Authentication method" and enter "OAuth Access Token"; set "Auth Type Header" to "Bearer".',
    'Press "Test connection".',
    'Set "User Filter Expression" to username Eq "%s" and "User Identifier" to userName.',
    'Switch the connection on, and add a rule with this connection under "Rules".',
  ],
  required_scopes: USERS,
  notes: [
    'Provisioning groups needs groups:read and groups:write too.',
    'The default of "Auth Type Header" is unconfirmed: check that it says "Bearer".',
    DOCUMENTED,
    'What PingOne does after a 401 is unconfirmed.',
  ],
});

/** Group management is ticked in its steps, hence all scopes. */
const rippling = (baseUrl: string): IdentityProviderResponse => ({
  id: 'rippling',
  name: 'Rippling',
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
  required_scopes: ALL,
  notes: [OTHERS, 'How Rippling matches users, and when it syncs, is unconfirmed.'],
});

/** Roles are mapped to groups in its steps, hence all scopes. */
const cyberArk = (baseUrl: string): IdentityProviderResponse => ({
  id: 'cyberark',
  name: 'CyberArk Identity',
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
  required_scopes: ALL,
  notes: [
    'CyberArk reads users, the service provider configuration, resource types and schemas. Users are updated by PUT, groups by PATCH.',
    'Its documentation assumes a token that never expires: rotate before it does.',
    OTHERS,
  ],
});

/** For every client whose console is not known here. */
const generic = (baseUrl: string): IdentityProviderResponse => ({
  id: 'generic',
  name: 'Any other SCIM 2.0 client',
  fields: [
    { label: 'Base URL', value: baseUrl },
    { label: 'Bearer token', value: TOKEN },
  ],
  steps: [
    'Enter the base URL, without a slash at its end.',
    'Choose bearer token (or HTTP header) authentication and enter the token.',
    'Test the connection, then assign users.',
  ],
  required_scopes: USERS,
  notes: [
    'Where the console takes a whole header, it is "Authorization: Bearer " followed by the value.',
    'Provisioning groups needs groups:read and groups:write too.',
  ],
});
