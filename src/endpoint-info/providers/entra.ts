import {
  ALL,
  ALL_GRANTED,
  BARE,
  CLIENT_ID,
  CLIENT_SECRET,
  CREATE_CLIENT,
  DOCUMENTED,
  TOKEN,
  type ConnectionUrls,
  type OAuthMethodDescription,
  type ProviderDescription,
} from './provider';

const NEW_APPLICATION =
  'In the Entra admin center open "Entra ID" > "Enterprise apps" > "+ New application" > "+ Create your own application" and choose the option for an app that is not in the gallery.';
const TEST = 'Press "Test Connection", then "Create".';
const ASSIGN =
  'Assign people under "Users and groups" and check "Matching" under "Attribute mapping".';
const START =
  'Try one user with "Provision on-demand", then press "Start provisioning" on "Overview".';

const FLAG =
  'The flag aadOptscim062020 in the URL makes Entra send PATCH requests as RFC 7644 has them.';
const TEST_READS =
  '"Test Connection" reads users and groups with a new access token: the token needs to read both.';
const TWO_LAYOUTS =
  "Microsoft's documentation shows the screen in two layouts, with labels of their own. Both are listed: enter what yours has.";

/** Entra takes all three methods, the one without a secret of ours first. */
export function entra({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription {
  // Without the flag Entra sends PATCH requests in a shape of its own.
  const tenantUrl = `${baseUrl}?aadOptscim062020`;
  return {
    id: 'entra',
    name: 'Microsoft Entra ID',
    required_scopes: ALL,
    bearer: {
      fields: [
        { label: 'Tenant URL', value: tenantUrl },
        { label: 'Secret Token', value: TOKEN },
      ],
      steps: [
        NEW_APPLICATION,
        'Open "Provisioning" > "+ New configuration"; where "Select authentication method" is shown, choose "Bearer authentication".',
        'Enter "Tenant URL" and "Secret Token".',
        TEST,
        ASSIGN,
        START,
      ],
      notes: [
        FLAG,
        'While "Secret Token" is empty Entra sends a JWT of its own, which is refused.',
        '"Test Connection" looks for a user that does not exist and may read a user and a group: the token needs to read both.',
        'A 401 puts the job into quarantine; after 28 days there it is disabled. Rotate before the token expires.',
        `${BARE} That is from one other vendor's guide.`,
        "Microsoft's gallery takes no new application that uses a long-lived token; applications that exist, and those outside the gallery, may.",
        `${DOCUMENTED} "Select authentication method" is from one other vendor's guide.`,
      ],
    },
    oauth: [
      workloadIdentity(tenantUrl, tokenEndpoint),
      clientCredentials(tenantUrl, tokenEndpoint),
    ],
  };
}

function workloadIdentity(tenantUrl: string, tokenEndpoint: string): OAuthMethodDescription {
  return {
    auth_method: 'workload_identity',
    fields: [
      { label: 'Authentication Method', value: 'Workload Identity Federation' },
      { label: 'Client Identifier', value: CLIENT_ID },
      { label: 'Token Endpoint', value: tokenEndpoint },
      { label: 'SCIM URL', value: tenantUrl },
      { label: 'Select authentication method', value: 'Workload identity-based authentication' },
      { label: 'OAuth token endpoint', value: tokenEndpoint },
      { label: 'Application API URL', value: tenantUrl },
    ],
    steps: [
      NEW_APPLICATION,
      'Open "Provisioning" > "+ New configuration" and choose "Workload Identity Federation" as "Authentication Method" (in the other layout "Workload identity-based authentication" under "Select authentication method").',
      'Under "Select Workload Identity" register a new one, for this connection alone, and copy "Issuer" ("Token issuer"), "Subject" and "Audience".',
      'Create the token with "auth_method": "workload_identity" and these three, as they are shown, as issuer, subject and audience of "trust".',
      'Enter its client_id as "Client Identifier", and "Token Endpoint" and "SCIM URL" (in the other layout "OAuth token endpoint" and "Application API URL").',
      'Press "Test Connection", then save.',
      ASSIGN,
      START,
    ],
    notes: [
      'Entra holds nothing of ours: it signs an assertion, and gets an access token for it. There is no secret that leaks, and none to rotate.',
      'One workload identity for each connection: the assertion names the workload identity, not the service that it goes to. Where one is used for several applications, each of them receives assertions that the others accept.',
      'Where the test fails though the signature is good, recent_failures shows the claims that came: compare them with "trust".',
      'The "JWKS URL" is not entered anywhere: it follows from the issuer.',
      FLAG,
      TEST_READS,
      TWO_LAYOUTS,
    ],
  };
}

function clientCredentials(tenantUrl: string, tokenEndpoint: string): OAuthMethodDescription {
  return {
    auth_method: 'client_credentials',
    fields: [
      { label: 'Tenant URL', value: tenantUrl },
      { label: 'OAuth token endpoint', value: tokenEndpoint },
      { label: 'Client ID', value: CLIENT_ID },
      { label: 'Client Secret', value: CLIENT_SECRET },
      { label: 'How credentials are sent', value: 'Header' },
      { label: 'OAuth 2.0 scopes', value: ALL_GRANTED },
      { label: 'Authentication Method', value: 'OAuth2 Client Credentials Grant' },
      { label: 'Token Endpoint', value: tokenEndpoint },
      { label: 'Client Identifier', value: CLIENT_ID },
    ],
    steps: [
      NEW_APPLICATION,
      CREATE_CLIENT,
      'Open "Provisioning" > "+ New configuration"; where "Authentication Method" is shown under "Admin Credentials", choose "OAuth2 Client Credentials Grant".',
      'Enter "Tenant URL", "OAuth token endpoint", "Client ID" and "Client Secret", and choose "Header" for "How credentials are sent" (in the other layout "Tenant URL", "Token Endpoint", "Client Identifier" and "Client Secret").',
      TEST,
      ASSIGN,
      START,
    ],
    notes: [
      'Where nothing is chosen for "How credentials are sent", the test ends in CredentialValidationUnavailable. Where it reports that no credentials came, choose "Body".',
      '"OAuth 2.0 scopes" may stay empty, which is the same as scim: all that the token may do.',
      'Each customer has a client id and a secret of its own. The secret ends when the token expires: rotate before that; both secrets work during the overlap.',
      FLAG,
      TEST_READS,
      TWO_LAYOUTS,
    ],
  };
}
