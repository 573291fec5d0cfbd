import type { ProviderResponse } from '../endpoint-info.response';
import { ALL, BARE, DOCUMENTED, TOKEN } from './wording';

/** Its connection test writes, hence all scopes. */
export function jumpCloud(baseUrl: string): ProviderResponse {
  return {
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
  };
}
