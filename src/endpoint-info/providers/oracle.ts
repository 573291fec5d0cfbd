import {
  ALL,
  ALL_GRANTED,
  CLIENT_ID,
  CLIENT_SECRET,
  CREATE_CLIENT,
  DOCUMENTED,
  TOKEN,
  type ConnectionUrls,
  type ProviderDescription,
} from './provider';

const CATALOGUE =
  'Under "Identity & Security" > "Domains" open the domain, then "Integrated applications" > "Add application" > "Application Catalog" > "Launch app catalog", and choose';
const ACTIVATE = 'Test the connectivity, finish, and activate the application.';

/** Its console takes the URL apart. */
export function oracle({ baseUrl, tokenEndpoint }: ConnectionUrls): ProviderDescription {
  const [, host = '', path = ''] = /^\w+:\/\/([^/]*)(\/.*)?$/.exec(baseUrl) ?? [];
  const place = [
    { label: 'Host Name', value: host },
    { label: 'Base URI', value: path },
  ];
  return {
    id: 'oracle',
    name: 'Oracle Cloud Infrastructure IAM',
    required_scopes: ALL,
    bearer: {
      fields: [...place, { label: 'Access Token', value: TOKEN }],
      steps: [
        `${CATALOGUE} "GenericScim - Bearer Token".`,
        'Enable provisioning, and enter "Host Name", "Base URI" and "Access Token" under "Configure connectivity".',
        ACTIVATE,
      ],
      notes: [
        'Oracle describes the template as one for JWTs: whether it takes a token of another form is unconfirmed. With client credentials the question does not arise.',
        `${DOCUMENTED} "Access Token" is from one other vendor's guide.`,
      ],
    },
    oauth: [
      {
        auth_method: 'client_credentials',
        fields: [
          ...place,
          { label: 'Client ID', value: CLIENT_ID },
          { label: 'Client Secret', value: CLIENT_SECRET },
          { label: 'Scope', value: ALL_GRANTED },
          { label: 'Authentication Server URL', value: tokenEndpoint },
        ],
        steps: [
          CREATE_CLIENT,
          `${CATALOGUE} "GenericScim - Client Credentials".`,
          'Enable provisioning, and enter "Host Name", "Base URI", "Client ID", "Client Secret", "Scope" and "Authentication Server URL" under "Configure connectivity".',
          ACTIVATE,
        ],
        notes: [
          '"Scope" is scim: all that the token may do.',
          'Where Oracle puts the secret is not documented: header and body are taken.',
          DOCUMENTED,
        ],
      },
    ],
  };
}
