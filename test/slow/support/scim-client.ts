import type { Response as JsonAnswer } from 'supertest';
import { TOKENS } from '../../support/test-app';

/** An answer of the SCIM server. */
export interface ScimAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** Unchecked: what comes back is what the test is about. */
  body: JsonAnswer['body'];
}

/** A minted token with what an identity provider gets of it. */
export interface MintedToken {
  id: string;
  token: string;
}

export type ScimClient = (method: string, path: string, body?: unknown) => Promise<ScimAnswer>;

/** Sends SCIM requests as an identity provider does. */
export const scimClient =
  (base: string, token: string): ScimClient =>
  (method, path, body) =>
    send(`${base}${path}`, method, body, {
      authorization: `Bearer ${token}`,
      'content-type': 'application/scim+json',
    });

/** An administrator of the token API. */
export class Administrator {
  constructor(
    private readonly url: string,
    private readonly jwt: string,
  ) {}

  async mint(options: object = {}): Promise<MintedToken> {
    const { body } = await this.call('POST', '', { name: 'Provisioning', ...options });
    return body as MintedToken;
  }

  async endpointInfo(): Promise<JsonAnswer['body']> {
    return (await this.call('GET', 'endpoint-info')).body;
  }

  async disable(id: string): Promise<void> {
    await this.call('PATCH', id, { enabled: false });
  }

  async revoke(id: string): Promise<void> {
    await this.call('DELETE', id);
  }

  call(method: string, path: string, body?: object): Promise<ScimAnswer> {
    return send(`${this.url}${TOKENS}${path}`, method, body, {
      authorization: `Bearer ${this.jwt}`,
      'content-type': 'application/json',
    });
  }
}

/** Sends one request; a string as its body is sent as it is. */
export async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<ScimAnswer> {
  const response = await fetch(url, {
    method,
    headers,
    body: body === undefined ? null : textOf(body),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

const textOf = (body: unknown): string => (typeof body === 'string' ? body : JSON.stringify(body));
