import { Injectable } from '@nestjs/common';
import { hintOfMalformed, type FailureHint, type TokenOwner } from '../core/refusal';
import { isElsewhere } from '../core/ip-address';
import { fromTokenId, tokenStatus, type AuthMethod } from '../core/token';
import { parseSecret, type ParsedSecret } from '../secrets/scim-token.secret';
import { SecretHasher } from '../secrets/secret-hasher';
import { MacImprover } from '../verification/mac-improver';
import { AssertionRefusedError } from './assertions/assertion-refused.error';
import { AssertionVerifier } from './assertions/assertion-verifier';
import { ClientsRepository, ownerOf, type OAuthClient } from './clients.repository';
import { invalidClient, refused } from './oauth-error';
import type { TokenRequest } from './token-request';

/** The method of the tokens whose holders show such a proof. */
const METHODS: Readonly<Record<'secret' | 'assertion', AuthMethod>> = {
  secret: 'client_credentials',
  assertion: 'workload_identity',
};

/**
 * Finds out which client asks for an access token. First its proof, then the state of its token: to whoever
 * cannot prove anything a token that was revoked is as any other.
 */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly hasher: SecretHasher,
    private readonly assertions: AssertionVerifier,
    private readonly macs: MacImprover,
  ) {}

  /**
   * @param ip the client's address
   * @throws OAuthError `invalid_client`, with the reason for those who may know
   * @throws ServiceUnavailableError where too many bcrypts wait, or no key of an issuer can be had; and
   *   whatever the database throws
   */
  async authenticate(
    { clientId, proof }: TokenRequest,
    ip: string | null,
    now: Date,
  ): Promise<OAuthClient> {
    if (clientId === null) throw invalidClient(refused('malformed', 'no_credentials'));
    const secret = proof.kind === 'secret' ? parseSecret(proof.value) : null;
    const id = fromTokenId(clientId);
    const client = id === null ? null : await this.clients.find(id, secret?.lookupId ?? null);
    if (!client) throw invalidClient(refused('unknown', 'unknown'));
    const owner = ownerOf(client);
    if (proof.kind === 'none') throw invalidClient(refused('malformed', 'no_credentials', owner));
    if (client.auth_method !== METHODS[proof.kind]) {
      throw invalidClient(refused('mismatch', 'wrong_method', owner));
    }
    if (proof.kind === 'assertion') await this.requireAssertion(proof.value, client);
    else await this.requireSecret(proof.value, secret, client, owner);
    requireUsable(client, ip, now);
    return client;
  }

  /**
   * Returns where an assertion proves that its sender is this client.
   *
   * @throws OAuthError `invalid_client`, with the reason for those who may know
   * @throws ServiceUnavailableError where no key of an issuer can be had
   */
  async requireAssertion(value: string, client: OAuthClient): Promise<void> {
    try {
      await this.assertions.verify(value, client);
    } catch (error) {
      if (!(error instanceof AssertionRefusedError)) throw error;
      throw invalidClient(refused('mismatch', error.hint, ownerOf(client), error.claims));
    }
  }

  private async requireSecret(
    value: string,
    secret: ParsedSecret | null,
    client: OAuthClient,
    owner: TokenOwner,
  ): Promise<void> {
    const { secret_id: secretId, secret_hash: secretHash } = client;
    const mac = { secretMac: client.secret_mac, pepperId: client.pepper_id };
    // bcrypt knows the random part alone: under another prefix it is not the secret that was minted.
    const isProven =
      secret !== null &&
      secretHash !== null &&
      secret.visiblePrefix === client.visible_prefix &&
      (await this.hasher.matches(secret, { secretHash, ...mac }));
    if (!isProven) throw invalidClient(refused('mismatch', hintOfSecret(value), owner));
    if (secretId !== null) this.macs.improve({ tenantId: owner.tenantId, secretId }, value, mac);
  }
}

/**
 * Returns where the token of a proven client may be used at all.
 *
 * @param ip the client's address
 * @throws OAuthError `invalid_client`, with the reason for those who may know
 */
export function requireUsable(client: OAuthClient, ip: string | null, now: Date): void {
  const owner = ownerOf(client);
  const status = tokenStatus(client, now);
  if (status !== 'active') throw invalidClient(refused(status, status, owner));
  if (client.secret_ends_at !== null && client.secret_ends_at <= now) {
    throw invalidClient(refused('expired', 'retired', owner));
  }
  if (client.allowed_ips_mode === 'enforce' && isElsewhere(ip, client.allowed_ips)) {
    throw invalidClient(refused('ip_not_allowed', 'ip_not_allowed', owner));
  }
}

function hintOfSecret(value: string): FailureHint {
  const hint = hintOfMalformed(value);
  return hint === 'quoted' || hint === 'white_space' ? hint : 'wrong_secret';
}
