import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { ServiceUnavailableError } from '../core/errors';
import { isElsewhere } from '../core/ip-address';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import type { ScimScope } from '../core/token';
import { originOf, type IncomingRequest } from '../http/incoming-request';
import { mintAccessToken } from '../secrets/scim-token.secret';
import { UsageWriter } from '../usage/usage-writer';
import { AccessTokensRepository } from './access-tokens.repository';
import type { AccessTokenResponse } from './access-token.response';
import { ClientAuthentication } from './client-authentication';
import { ownerOf, type OAuthClient } from './clients.repository';
import { grantFor } from './grant';
import { TokenLimits } from './token-limits';
import { TokenOutcomes } from './token-outcomes';
import { readTokenRequest, type TokenRequest } from './token-request';

type Origin = ReturnType<typeof originOf>;

/** Times that a client is authenticated whose token changes meanwhile. */
const MAX_READS = 2;

/** Issues access tokens for client credentials, RFC 6749 §4.4, and for assertions, RFC 7523 §2.2. */
@Injectable()
export class TokenEndpointService {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly accessTokens: AccessTokensRepository,
    private readonly limits: TokenLimits,
    private readonly usage: UsageWriter,
    private readonly outcomes: TokenOutcomes,
    private readonly clock: Clock,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /**
   * @throws OAuthError with what the client is told; the reason goes to the log, the metrics and the token's
   *   administrators
   * @throws TooManyRequestsError, ServiceUnavailableError; and whatever the database throws
   */
  async issue(request: IncomingRequest): Promise<AccessTokenResponse> {
    const origin = originOf(request);
    try {
      const issued = await this.issueTo(await readTokenRequest(request), origin);
      this.outcomes.issued();
      return issued;
    } catch (error) {
      this.outcomes.failed(error, request, origin);
      throw error;
    }
  }

  private async issueTo(asked: TokenRequest, origin: Origin): Promise<AccessTokenResponse> {
    for (let reads = 0; reads < MAX_READS; reads++) {
      const now = this.clock.now();
      const client = await this.clients.authenticate(asked, origin.ip, now);
      const { scopes, seconds } = grantFor(client, asked.scope, now);
      this.limits.countIssued(client.id);
      const value = await this.mint(client, scopes, now, seconds);
      if (value === null) continue;
      this.noteUse(client, now, origin);
      return {
        access_token: value,
        token_type: 'Bearer',
        expires_in: seconds,
        scope: scopes.join(' '),
      };
    }
    throw new ServiceUnavailableError();
  }

  /** Null where the token has changed since its client was authenticated. */
  private async mint(
    client: OAuthClient,
    scopes: readonly ScimScope[],
    issuedAt: Date,
    seconds: number,
  ): Promise<string | null> {
    const { value, ...minted } = mintAccessToken(this.options.prefix);
    const expiresAt = new Date(issuedAt.getTime() + seconds * 1000);
    const isStored = await this.accessTokens.insert(client, {
      ...minted,
      scopes,
      issuedAt,
      expiresAt,
    });
    return isStored ? value : null;
  }

  /** Which of two secrets is in use, the rotation goes by; who is let through from elsewhere, its administrators. */
  private noteUse(client: OAuthClient, now: Date, origin: Origin): void {
    const owner = ownerOf(client);
    const { secret_id: secretId, is_unused: isUnused } = client;
    this.usage.used({ ...owner, secretId, isUnused }, now.getTime(), origin);
    if (isElsewhere(origin.ip, client.allowed_ips))
      this.usage.letThrough(owner, now.getTime(), origin);
  }
}
