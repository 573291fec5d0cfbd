import type { ProviderResponse } from '../endpoint-info.response';
import { TOKEN, USERS } from './wording';

/** For every client whose console is not known here. */
export function generic(baseUrl: string): ProviderResponse {
  return {
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
  };
}
