import { answerOf, scimTokensClient, tokensOf } from './client.js';

const { SCIM_TOKENS_URL = 'http://127.0.0.1:3000', SCIM_TOKENS_JWT = '' } = process.env;
const api = scimTokensClient(SCIM_TOKENS_URL, SCIM_TOKENS_JWT);

const made = answerOf(
  await api.POST('/api/v1/admin/scim-tokens/', {
    body: { name: 'Okta production', tenant_id: 'tnt_a', scopes: ['users:read', 'users:write'] },
  }),
);
// In `made.token` is the value: hand it to the identity provider now, no other answer has it.
console.log(`made ${made.id}, ${made.status} until ${made.expires_at}`);

const path = { token_id: made.id };
const narrowed = answerOf(
  await api.PATCH('/api/v1/admin/scim-tokens/{token_id}', {
    params: { path },
    body: { scopes: ['users:read'] },
  }),
);
console.log(`may ${narrowed.scopes.join(' ')}`);

for await (const { id, name } of tokensOf(api, 'tnt_a')) console.log(`listed ${id} ${name}`);

const { response } = await api.DELETE('/api/v1/admin/scim-tokens/{token_id}', { params: { path } });
console.log(`revoked: ${response.status}`);
