import { Injectable } from '@nestjs/common';
import { SetupLinkRefusedError, SetupLinkUsedError } from '../../core/errors';
import type { RequestContext } from '../../core/request-context';
import { hasEnded, tokenOf, type StoredSetupLink } from '../../core/setup-link';
import { TenantPolicies, type TenantPolicy } from '../../core/tenant-policies';
import type { TokenRow } from '../../core/token';
import { ScimTokensRepository } from '../../database/scim-tokens.repository';
import { InputContexts } from '../../http/validation/input-context';
import { InputInvalidError } from '../../http/validation/input-invalid.error';
import { Ledger } from '../../ledger/ledger';
import { lockedSetupLink, useSetupLink } from '../../ledger/setup-links';
import { CreateScimTokenDto } from '../../scim-tokens/dto/create-scim-token.dto';
import { checkedInput } from '../../scim-tokens/host-calls';
import { SecretHasher } from '../../secrets/secret-hasher';
import { UsageWriter } from '../../usage/usage-writer';
import { toConnection } from './connection.response';
import type { MadeTokenResponse } from './made-token.response';
import type { MakeTokenDto } from './make-token.dto';
import { makeValue, type WantedToken } from './make-value';
import { SetupProviders } from './setup-providers';

/** Makes what a setup link is there for: one token, or a new value of it, within the link's bounds. */
@Injectable()
export class SetupTokenService {
  constructor(
    private readonly ledger: Ledger,
    private readonly tokens: ScimTokensRepository,
    private readonly policies: TenantPolicies,
    private readonly hasher: SecretHasher,
    private readonly inputs: InputContexts,
    private readonly providers: SetupProviders,
    private readonly usage: UsageWriter,
  ) {}

  /**
   * Makes the token, or replaces its value, and returns that, which cannot be read again. Token and link change
   * together: of two requests at once one makes it.
   *
   * @throws SetupLinkUsedError where a value was made and is not to be replaced
   * @throws SetupLinkRefusedError where the link has ended meanwhile
   * @throws InputInvalidError, ScimTokenRevokedError, OtherMethodInUseError, TooManyActiveTokensError
   */
  async make(
    context: RequestContext,
    link: StoredSetupLink,
    input: Readonly<MakeTokenDto>,
  ): Promise<MadeTokenResponse> {
    requireFirst(link, input);
    const policy = await this.policies.ofKnown(link.tenant_id);
    const wanted = await this.wanted(context, link, input, policy);
    // A hash costs a core some 50 ms: never under the lock.
    const minted = wanted.auth_method === 'workload_identity' ? null : await this.hasher.mint();
    // What is in use must not end at once, as what never was does: its last use may be seconds old.
    if (tokenOf(link) !== null) await this.usage.flush({ all: true });
    return this.ledger.write(link.tenant_id, context, async (transaction) => {
      const held = await lockedSetupLink(transaction, link.id);
      if (!held || hasEnded(held, transaction.now)) throw new SetupLinkRefusedError();
      requireFirst(held, input);
      const token = await makeValue(transaction, held, { wanted, minted, policy });
      await useSetupLink(transaction, held.id, held.token_id === null ? token.id : null);
      return this.answerOf(token, minted?.value ?? null, transaction.now);
    });
  }

  /** What is asked for, as a create that the link's bounds are written into. */
  private async wanted(
    context: RequestContext,
    link: StoredSetupLink,
    { provider: id, auth_method: named, trust }: Readonly<MakeTokenDto>,
    { maxTtlDays }: TenantPolicy,
  ): Promise<WantedToken> {
    const tokenId = tokenOf(link);
    const token = tokenId === null ? null : await this.tokens.find(context.scope, tokenId);
    const offered = this.providers.of(link, token, 'en');
    const provider = offered.find((one) => one.id === id);
    if (!provider)
      throw notOffered(
        'provider',
        offered.map((one) => one.id),
      );
    const methods = provider.methods.map(({ auth_method }) => auth_method);
    // That of the token, where the provider has it; else the one to take.
    const method = named ?? methods.find((one) => one === token?.auth_method) ?? methods[0];
    if (method === undefined || !methods.includes(method)) throw notOffered('auth_method', methods);
    const { name, scopes, allowed_ips, expires_in_days: days } = link.bounds;
    const input = {
      name: name ?? provider.name,
      auth_method: method,
      ...(scopes && { scopes }),
      ...(allowed_ips && { allowed_ips }),
      // What was allowed when the link was made may be more than what is now.
      ...(days !== null && { expires_in_days: Math.min(days, maxTtlDays) }),
      ...(trust && { trust }),
    };
    const checked = await checkedInput(CreateScimTokenDto, input, 'body', context, this.inputs);
    return { ...checked, provider: id };
  }

  private answerOf(token: TokenRow, value: string | null, now: Date): MadeTokenResponse {
    const connection = toConnection(token, null, now);
    const isBearer = token.auth_method === 'bearer';
    return {
      connection,
      token: isBearer ? value : null,
      client_id: connection.client_id,
      client_secret: isBearer ? null : value,
      token_endpoint: isBearer ? null : this.providers.tokenEndpointOf(token.tenant_id),
      expires_at: connection.expires_at,
    };
  }
}

/** A link that renews a token has made nothing before its first request. */
function requireFirst(
  { value_made_at }: StoredSetupLink,
  { replace = false }: Readonly<MakeTokenDto>,
): void {
  if (value_made_at !== null && !replace) throw new SetupLinkUsedError();
}

function notOffered(field: keyof MakeTokenDto, offered: readonly string[]): InputInvalidError {
  return InputInvalidError.field('body', field, 'literal_error', offered);
}
