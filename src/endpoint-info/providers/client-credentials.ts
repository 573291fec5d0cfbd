import {
  ALL,
  ALL_GRANTED,
  CLIENT_ID,
  CLIENT_SECRET,
  CREATE_CLIENT,
  DOCUMENTED,
  GROUPS_TOO,
  TOKEN,
  USERS,
  type ConnectionUrls,
  type ProviderDescription,
} from './provider';

/** Takes the resources apart from the base URL. */
export const pingOne = ({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription => ({
  id: 'pingone',
  name: 'PingOne',
  required_scopes: USERS,
  bearer: {
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
    notes: [
      GROUPS_TOO,
      'The default of "Auth Type Header" is unconfirmed: check that it says "Bearer".',
      DOCUMENTED,
      'What PingOne does after a 401 is unconfirmed.',
    ],
  },
  oauth: [
    {
      auth_method: 'client_credentials',
      fields: [
        { label: 'SCIM base URL', value: baseUrl },
        { label: 'Users resource', value: '/Users' },
        { label: 'Groups resource', value: '/Groups' },
        { label: 'SCIM version', value: '2.0' },
        { label: 'Authentication method', value: 'OAuth 2 Client Credentials' },
        { label: 'OAuth Token Request', value: tokenEndpoint },
        { label: 'OAuth Client ID', value: CLIENT_ID },
        { label: 'OAuth Client Secret', value: CLIENT_SECRET },
        { label: 'Auth Type Header', value: 'Bearer' },
      ],
      steps: [
        CREATE_CLIENT,
        'Open "Integrations" > "Provisioning" > "+" > "New Connection", choose "Identity Store" and "SCIM Outbound", name it and press "Next".',
        'Enter "SCIM base URL", "Users resource", "Groups resource" and "SCIM version".',
        'Choose "OAuth 2 Client Credentials" as "Authentication method", enter "OAuth Token Request", "OAuth Client ID" and "OAuth Client Secret", and set "Auth Type Header" to "Bearer".',
        'Press "Test connection".',
        'Set "User Filter Expression" to username Eq "%s" and "User Identifier" to userName.',
        'Switch the connection on, and add a rule with this connection under "Rules".',
      ],
      notes: [
        GROUPS_TOO,
        'Whether PingOne sends the secret in the header or in the body is not documented: both are taken.',
        DOCUMENTED,
      ],
    },
  ],
});

/** Reads all users and groups, hence all scopes. */
export const sailPoint = ({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription => ({
  id: 'sailpoint',
  name: 'SailPoint',
  required_scopes: ALL,
  bearer: {
    fields: [
      { label: 'Host URL', value: baseUrl },
      { label: 'Authentication Type', value: 'API Token' },
      { label: 'API Token', value: TOKEN },
    ],
    steps: [
      'In the SCIM 2.0 source open "Connection Settings" and enter "Host URL".',
      'Choose "API Token" as "Authentication Type", enter the token and press "Save".',
      'Test the connection.',
    ],
    notes: [
      'SailPoint reads users, groups, the service provider configuration, resource types and schemas.',
      'Its documentation assumes a token that lives long or never expires: rotate before it does.',
      `${DOCUMENTED} In IdentityIQ "Host URL" is the base URL.`,
    ],
  },
  oauth: [
    {
      auth_method: 'client_credentials',
      fields: [
        { label: 'Host URL', value: baseUrl },
        { label: 'Authentication Type', value: 'OAuth 2.0' },
        { label: 'Grant Type', value: 'Client Credentials' },
        { label: 'OAuth 2.0 Token URL', value: tokenEndpoint },
        { label: 'Client ID', value: CLIENT_ID },
        { label: 'Client Secret', value: CLIENT_SECRET },
      ],
      steps: [
        CREATE_CLIENT,
        'In the SCIM 2.0 source open "Connection Settings" and enter "Host URL".',
        'Choose "OAuth 2.0" as "Authentication Type" and "Client Credentials" as "Grant Type".',
        'Enter "OAuth 2.0 Token URL", "Client ID" and "Client Secret", and press "Save".',
        'Test the connection.',
      ],
      notes: [
        'SailPoint sends id and secret in the header and in the body, which is taken: nothing needs to be excluded.',
        'A scope goes into "OAuth Request Parameters"; without one the token may do all that it is made for.',
        'The grant type "JWT" is another one, which is not taken.',
        `${DOCUMENTED} In IdentityIQ "Host URL" is the base URL.`,
      ],
    },
  ],
});

/** Writes users and groups. */
export const authentik = ({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription => ({
  id: 'authentik',
  name: 'authentik',
  required_scopes: ALL,
  bearer: {
    fields: [
      { label: 'URL', value: baseUrl },
      { label: 'Authentication mode', value: 'Static token' },
      { label: 'Token', value: TOKEN },
    ],
    steps: [
      'Under "Applications" > "Applications" press "New Application" and choose "SCIM" as "Provider Type".',
      'On "Configure Provider" enter URL and token.',
      'Edit the application, and add the provider under "Backchannel providers".',
    ],
    notes: [
      BACKCHANNEL,
      `${DOCUMENTED} It does not show those of URL and token, which may differ.`,
    ],
  },
  oauth: [
    {
      auth_method: 'client_credentials',
      fields: [
        { label: 'Consumer key', value: CLIENT_ID },
        { label: 'Consumer secret', value: CLIENT_SECRET },
        { label: 'Access token URL', value: tokenEndpoint },
        { label: 'URL', value: baseUrl },
        { label: 'Authentication mode', value: 'OAuth (Silent)' },
        { label: 'OAuth Parameters', value: 'grant_type: client_credentials' },
      ],
      steps: [
        CREATE_CLIENT,
        'Under "Directory" > "Federation and Social login" press "New Source", choose "OpenID OAuth Source" and enter "Consumer key", "Consumer secret" and "Access token URL".',
        'Under "Applications" > "Applications" press "New Application" and choose "SCIM" as "Provider Type".',
        'On "Configure Provider" enter the URL, choose "OAuth (Silent)" as "Authentication mode" and the source under "OAuth source", and write grant_type: client_credentials into "OAuth Parameters".',
        'Edit the application, and add the provider under "Backchannel providers".',
      ],
      notes: [
        "This needs authentik's enterprise edition. Without it use a bearer token.",
        'Without the line in "OAuth Parameters" authentik asks with the grant type "password", which is refused.',
        BACKCHANNEL,
        DOCUMENTED,
      ],
    },
  ],
});

const BACKCHANNEL =
  'authentik sends a change when it happens, and everything once an hour; members of groups come by PATCH, all else by PUT.';

/** For every client whose console is not known here. */
export const generic = ({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription => ({
  id: 'generic',
  name: 'Any other SCIM 2.0 client',
  required_scopes: USERS,
  bearer: {
    fields: [
      { label: 'Base URL', value: baseUrl },
      { label: 'Bearer token', value: TOKEN },
    ],
    steps: [
      'Enter the base URL, without a slash at its end.',
      'Choose bearer token (or HTTP header) authentication and enter the token.',
      'Test the connection, then assign users.',
    ],
    notes: [
      'Where the console takes a whole header, it is "Authorization: Bearer " followed by the value.',
      GROUPS_TOO,
    ],
  },
  oauth: [
    {
      auth_method: 'client_credentials',
      fields: [
        { label: 'Base URL', value: baseUrl },
        { label: 'Token endpoint', value: tokenEndpoint },
        { label: 'Client ID', value: CLIENT_ID },
        { label: 'Client secret', value: CLIENT_SECRET },
        { label: 'Scope', value: ALL_GRANTED },
      ],
      steps: [
        CREATE_CLIENT,
        'Enter the base URL, without a slash at its end.',
        'Choose OAuth 2.0 with client credentials, and enter token endpoint, client id and client secret.',
        'Test the connection, then assign users.',
      ],
      notes: [
        'The secret may come in the header (HTTP Basic), in the body, or in both.',
        'The scope may stay empty, which is the same as scim: all that the token may do.',
        'Where the console has a bearer token alone, use that.',
        GROUPS_TOO,
      ],
    },
  ],
});
