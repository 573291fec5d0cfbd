import type { ProviderResponse } from '../endpoint-info.response';
import { DOCUMENTED, TOKEN, USERS } from './wording';

/** Takes the resources apart from the base URL. */
export function pingOne(baseUrl: string): ProviderResponse {
  return {
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
  };
}
