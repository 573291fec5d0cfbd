import type { ProviderResponse } from '../endpoint-info.response';
import { ALL, OTHERS, TOKEN } from './wording';

/** Group management is ticked in its steps, hence all scopes. */
export function rippling(baseUrl: string): ProviderResponse {
  return {
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
  };
}
