import type { ProviderResponse } from '../endpoint-info.response';
import { ALL, OTHERS, TOKEN } from './wording';

/** Roles are mapped to groups in its steps, hence all scopes. */
export function cyberArk(baseUrl: string): ProviderResponse {
  return {
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
  };
}
