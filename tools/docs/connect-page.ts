import type {
  IdentityProviderMethodResponse,
  IdentityProviderResponse,
} from '../../src/endpoint-info/identity-provider.dto';
import { identityProviders } from '../../src/endpoint-info/identity-providers';
import { cell } from './markdown';

const ORIGIN = 'https://scim.example.com';
/** What stands for the tenant's own base URL: it needs no escape in any console. */
const BASE_URL = `${ORIGIN}/api/v1/tenants/acme/scim/v2`;
const TOKEN_ENDPOINT = `${ORIGIN}/api/v1/scim-tokens/oauth/token`;

type AuthMethod = IdentityProviderMethodResponse['auth_method'];

const TITLES: Readonly<Record<AuthMethod, string>> = {
  bearer: 'Bearer token',
  client_credentials: 'Client credentials',
  workload_identity: 'Workload identity',
};

/** Where what is entered comes from. */
const ORIGINS: Readonly<Record<AuthMethod, string>> = {
  bearer: "The value is the `token` of [create's answer](../getting-started.md).",
  client_credentials:
    "`client_id` and `client_secret` are in create's answer; [OAuth connections](../oauth.md) tells what follows.",
  workload_identity:
    "`client_id` is in create's answer, which has no secret; [OAuth connections](../oauth.md) tells what follows.",
};

/**
 * The pages that tell how to connect an identity provider, by file name: what endpoint-info answers, as
 * a page, so that the two cannot differ.
 *
 * @param command what writes these pages anew
 */
export function connectPages(command: string): readonly (readonly [name: string, page: string])[] {
  return identityProviders(BASE_URL, TOKEN_ENDPOINT).map((provider) => [
    `${provider.id}.md`,
    connectPage(provider, command),
  ]);
}

function connectPage(provider: IdentityProviderResponse, command: string): string {
  const { id, name, methods, required_scopes: scopes } = provider;
  return `# Connect ${name}

[\`GET /api/v1/admin/scim-tokens/endpoint-info\`](../../reference/api/scim-tokens.md) answers the same for a tenant, with its
own URLs, as the entry \`${id}\` of \`providers\`; here the tenant is \`acme\` at \`scim.example.com\`.

The token needs the scopes ${scopes.map((scope) => `\`${scope}\``).join(', ')}.

${methods.map((method) => methodSection(method, methods.length > 1)).join('\n')}
What goes wrong is told to the tenant's administrators in \`authentication.recent_failures\` of endpoint-info.

Generated: re-run \`${command}\` after changes.
`;
}

function methodSection(
  { auth_method: authMethod, recommended, fields, steps, notes }: IdentityProviderMethodResponse,
  isOneOfSeveral: boolean,
): string {
  const rows = fields.map(({ label, value }) => `| ${cell(label)} | ${entry(value)} |`);
  const title = `${TITLES[authMethod]}${recommended && isOneOfSeveral ? ' (recommended)' : ''}`;
  return `## ${title}

${ORIGINS[authMethod]}

| field | enter |
|---|---|
${rows.join('\n')}

${steps.map((step, index) => `${index + 1}. ${text(step)}`).join('\n')}

${notes.map((note) => `- ${text(note)}`).join('\n')}
`;
}

/** What is entered as it stands is code; "The value shown …" is not. */
function entry(value: string): string {
  return value.startsWith('The ') || value.startsWith('An ') ? cell(value) : `\`${cell(value)}\``;
}

/** Markdown would take what stands in angle brackets for HTML. */
function text(sentence: string): string {
  return sentence.replaceAll('<', '\\<');
}
