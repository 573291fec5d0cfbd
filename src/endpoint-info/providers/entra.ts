import type { ProviderResponse } from '../endpoint-info.response';
import { ALL, BARE, DOCUMENTED, TOKEN } from './wording';

/** The flag in the URL: without it Entra sends PATCH requests in a shape of its own. */
export function entra(baseUrl: string): ProviderResponse {
  return {
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
  };
}
