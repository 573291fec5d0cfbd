import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './scim-tokens.js';

export type ScimToken = components['schemas']['ScimToken'];

/** The admin API of a service, typed by its OpenAPI document. */
export type ScimTokensClient = Client<paths>;

/** A client that carries an admin JWT. It follows no redirect: the JWT is for this service alone. */
export function scimTokensClient(baseUrl: string, jwt: string): ScimTokensClient {
  return createClient<paths>({
    baseUrl,
    headers: { authorization: `Bearer ${jwt}` },
    redirect: 'error',
  });
}

/** All tokens of a tenant, page by page. */
export async function* tokensOf(api: ScimTokensClient, tenant: string): AsyncGenerator<ScimToken> {
  let cursor: string | null = null;
  do {
    const page: { items: ScimToken[]; next_cursor: string | null } = answerOf(
      await api.GET('/api/v1/admin/scim-tokens/', {
        params: { query: { tenant_id: tenant, per_page: 100, ...(cursor !== null && { cursor }) } },
      }),
    );
    yield* page.items;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/**
 * What an operation answered.
 *
 * @throws Error with the service's `detail` where it refused
 */
export function answerOf<Data>(answer: { data?: Data; error?: unknown; response: Response }): Data {
  const { data, error, response } = answer;
  if (data === undefined) throw new Error(`${response.status}: ${JSON.stringify(error)}`);
  return data;
}
