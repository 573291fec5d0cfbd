import type { IdentityProviderResponse } from '../../src/endpoint-info/endpoint-info.dto';
import { identityProviders } from '../../src/endpoint-info/identity-providers';

/** What stands for the tenant's own base URL: it needs no escape in any console. */
const BASE_URL = 'https://scim.example.com/api/v1/tenants/acme/scim/v2';

/**
 * The pages that tell how to connect an identity provider, by file name: what endpoint-info answers, as
 * a page, so that the two cannot differ.
 *
 * @param command what writes these pages anew
 */
export function connectPages(command: string): readonly (readonly [name: string, page: string])[] {
  return identityProviders(BASE_URL).map((provider) => [
    `${provider.id}.md`,
    connectPage(provider, command),
  ]);
}

function connectPage(provider: IdentityProviderResponse, command: string): string {
  const { id, name, fields, steps, required_scopes: scopes, notes } = provider;
  const rows = fields.map(({ label, value }) => `| ${cell(label)} | ${entry(value)} |`);
  return `# Connect ${name}

[\`GET /api/v1/admin/scim-tokens/endpoint-info\`](../../reference/api/scim-tokens.md) answers the same for a tenant, with its
own URL, as the entry \`${id}\` of \`providers\`; here the tenant is \`acme\` at \`scim.example.com\`. The value is the \`token\` of
[create's answer](../getting-started.md).

The token needs the scopes ${scopes.map((scope) => `\`${scope}\``).join(', ')}.

| field | enter |
|---|---|
${rows.join('\n')}

## Steps

${steps.map((step, index) => `${index + 1}. ${text(step)}`).join('\n')}

## Notes

${notes.map((note) => `- ${text(note)}`).join('\n')}

What goes wrong is told to the tenant's administrators in \`authentication.recent_failures\` of endpoint-info.

Generated: re-run \`${command}\` after changes.
`;
}

/** What is entered as it stands is code; "The value shown …" is not. */
function entry(value: string): string {
  return value.includes(' ') ? cell(value) : `\`${cell(value)}\``;
}

function cell(value: string): string {
  return value.replaceAll('|', '\\|');
}

/** Markdown would take what stands in angle brackets for HTML. */
function text(sentence: string): string {
  return sentence.replaceAll('<', '\\<');
}
