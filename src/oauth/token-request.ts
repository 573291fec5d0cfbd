import { ASSERTION_MAX } from './assertions/assertion';
import { authorizationOf, readBasic, type BasicCredentials } from '../http/authorization';
import type { IncomingRequest } from '../http/incoming-request';
import { invalidClient, invalidRequest, refused, unsupportedGrantType } from './oauth-error';
import { clientIdSent, readTokenParameters, type TokenParameters } from './token-parameters';

/** What a client shows for itself. */
export type Proof =
  | { readonly kind: 'secret'; readonly value: string }
  | { readonly kind: 'assertion'; readonly value: string }
  | { readonly kind: 'none' };

/** A request for an access token that is well-formed; nothing in it is proven. */
export interface TokenRequest {
  /** Null where it names no client. */
  readonly clientId: string | null;
  readonly proof: Proof;
  /** As sent; undefined for all that the token has. */
  readonly scope: string | undefined;
}

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Reads a request for an access token, RFC 6749 §4.4.2, and decides in the order of the contract: body, query,
 * grant, then how the client authenticates itself.
 *
 * @throws OAuthError `invalid_request`, `unsupported_grant_type`, or `invalid_client` for what authenticates
 *   nobody whoever it may be
 * @throws ServiceUnavailableError
 */
export async function readTokenRequest(request: IncomingRequest): Promise<TokenRequest> {
  const parameters = await readTokenParameters(request);
  const { grant_type: grantType, scope } = parameters;
  if (grantType === undefined) throw invalidRequest('grant_type is missing', 'grant_type');
  if (grantType !== 'client_credentials') throw unsupportedGrantType();
  return { ...clientOf(authorizationOf(request) ?? '', parameters), scope };
}

/** The client that a request names, also one that cannot be read otherwise: whose administrators may be told of it. */
export function clientNamedBy(request: IncomingRequest): string | null {
  return readBasic(authorizationOf(request) ?? '')?.id ?? clientIdSent(request);
}

function clientOf(
  authorization: string,
  parameters: TokenParameters,
): Pick<TokenRequest, 'clientId' | 'proof'> {
  const { client_assertion: assertion, client_assertion_type: type } = parameters;
  if (assertion !== undefined || type !== undefined) return byAssertion(authorization, parameters);
  const { client_id: id = null, client_secret: secret } = parameters;
  if (authorization === '') return { clientId: id, proof: secretProof(secret) };
  const basic = readBasic(authorization);
  if (!basic) throw invalidClient(refused('malformed', 'no_credentials'));
  requireAgreement(basic, parameters);
  return { clientId: basic.id, proof: secretProof(basic.secret) };
}

/** RFC 7521 §4.2, but that the client is to be named: our clients are no subjects of their assertions. */
function byAssertion(
  authorization: string,
  {
    client_id: clientId,
    client_secret: secret,
    client_assertion: value,
    client_assertion_type: type,
  }: TokenParameters,
): Pick<TokenRequest, 'clientId' | 'proof'> {
  if (value === undefined) throw invalidRequest('client_assertion is missing');
  if (type !== ASSERTION_TYPE)
    throw invalidRequest(`client_assertion_type must be ${ASSERTION_TYPE}`);
  if (value.length > ASSERTION_MAX) throw invalidRequest('client_assertion is too long');
  // Whoever shows two proofs is refused, were each good (RFC 7521 §4.2.1).
  if (authorization !== '' || secret !== undefined) {
    throw invalidClient(refused('malformed', 'two_methods'));
  }
  if (clientId === undefined) throw invalidRequest('client_id is missing');
  return { clientId, proof: { kind: 'assertion', value } };
}

/** The same credentials in both places are one authentication. */
function requireAgreement(basic: BasicCredentials, parameters: TokenParameters): void {
  const { client_id: id = basic.id, client_secret: secret = basic.secret } = parameters;
  if (id === basic.id && secret === basic.secret) return;
  throw invalidRequest('The header and the body hold different credentials', 'two_methods');
}

function secretProof(value = ''): Proof {
  return value === '' ? { kind: 'none' } : { kind: 'secret', value };
}
