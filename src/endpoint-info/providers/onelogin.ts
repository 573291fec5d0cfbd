import type { ProviderResponse } from '../endpoint-info.response';
import { BARE, OTHERS, TOKEN, USERS } from './wording';

/** The template decides what is sent, so the steps name it. */
export function oneLogin(baseUrl: string): ProviderResponse {
  return {
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
  };
}
