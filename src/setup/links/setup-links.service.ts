import { Injectable } from '@nestjs/common';
import { v7 as uuidV7 } from 'uuid';
import { Clock, HOUR_MS } from '../../core/clock';
import {
  NoSecretError,
  ScimTokenNotFoundError,
  ScimTokenRevokedError,
  SetupLinkNotFoundError,
  TooManySetupLinksError,
} from '../../core/errors';
import { IDENTITY_PROVIDERS } from '../../core/identity-providers';
import { heldTenant, requireTenant, type RequestContext } from '../../core/request-context';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { UNOPENED, type StoredSetupLink } from '../../core/setup-link';
import { linkUuidOf } from '../../core/token-id';
import { SetupUrls } from '../../core/setup-urls';
import type { AuthMethod, TokenRow } from '../../core/token';
import { uuidOf } from '../../core/token-id';
import { ScimTokensRepository } from '../../database/scim-tokens.repository';
import { identityProviders } from '../../endpoint-info/identity-providers';
import { InputInvalidError } from '../../http/validation/input-invalid.error';
import { Ledger } from '../../ledger/ledger';
import { countSetupLinks, createSetupLink, revokeSetupLinks } from '../../ledger/setup-links';
import { mintSetupSecret } from '../../secrets/scim-token.secret';
import type { CreateSetupLinkDto } from './create-setup-link.dto';
import type { ListSetupLinksQueryDto } from './list-setup-links-query.dto';
import {
  toSetupLink,
  type SetupLinkCreatedResponse,
  type SetupLinkPageResponse,
  type SetupLinkResponse,
} from './setup-link.response';
import { SetupLinksRepository } from './setup-links.repository';

/** Most links of a tenant that are open or used. */
const MOST_OPEN = 10;

/** The links by which a customer's IT contact makes or renews one token: their rules. */
@Injectable()
export class SetupLinksService {
  constructor(
    private readonly ledger: Ledger,
    private readonly links: SetupLinksRepository,
    private readonly tokens: ScimTokensRepository,
    private readonly options: ResolvedScimTokensOptions,
    private readonly urls: SetupUrls,
    private readonly clock: Clock,
  ) {}

  /**
   * Makes a link and returns it with its URL, which cannot be read again.
   *
   * @throws TenantNotFoundError, TooManySetupLinksError, InputInvalidError
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, NoSecretError for a token that it cannot renew
   */
  async create(
    context: RequestContext,
    input: Readonly<CreateSetupLinkDto>,
  ): Promise<SetupLinkCreatedResponse> {
    const tenant = requireTenant(context);
    const token = await this.tokenToRenew(context, input.token_id ?? null);
    const authMethod = methodFor(input, token);
    const { value, lookupId, valueHash } = mintSetupSecret(this.options.prefix);
    return this.ledger.write(tenant.id, context, async (transaction) => {
      const { now, tenantId, actor } = transaction;
      if ((await countSetupLinks(transaction)) >= MOST_OPEN) {
        throw new TooManySetupLinksError(MOST_OPEN);
      }
      const link: StoredSetupLink = {
        ...UNOPENED,
        id: uuidV7({ msecs: now.getTime() }),
        tenant_id: tenantId,
        lookup_id: lookupId,
        provider: input.provider ?? token?.provider ?? null,
        auth_method: authMethod,
        token_id: token?.id ?? null,
        bounds: boundsOf(input),
        language: input.language ?? null,
        return_url: input.return_url ?? null,
        expires_at: new Date(now.getTime() + input.expires_in_hours * HOUR_MS),
        created_at: now,
        created_by: actor ?? '',
      };
      await createSetupLink(transaction, { ...link, value_hash: valueHash });
      return { ...toSetupLink(link, now), url: this.urls.setupUrl(value) };
    });
  }

  /** One page of the links in scope, the newest first. */
  async list(
    context: RequestContext,
    { page, per_page, status }: Readonly<ListSetupLinksQueryDto>,
  ): Promise<SetupLinkPageResponse> {
    if (context.tenant) heldTenant(context);
    const now = this.clock.now();
    const { rows, total } = await this.links.list(
      context.scope,
      { now, status },
      { limit: per_page, offset: (page - 1) * per_page },
    );
    const items = rows.map((link) => toSetupLink(link, now));
    return { items, total, page, per_page, pages: Math.ceil(total / per_page) };
  }

  /** @throws SetupLinkNotFoundError for whatever is not a link in scope */
  async get(context: RequestContext, id: string): Promise<SetupLinkResponse> {
    return toSetupLink(await this.found(context, id), this.clock.now());
  }

  /**
   * Ends a link for good; one that is revoked stays as it is.
   *
   * @throws SetupLinkNotFoundError for whatever is not a link in scope
   */
  async revoke(context: RequestContext, id: string): Promise<void> {
    const link = await this.found(context, id);
    await this.ledger.write(link.tenant_id, context, (transaction) =>
      revokeSetupLinks(transaction, [link.id]),
    );
  }

  private async found({ scope }: RequestContext, id: string): Promise<StoredSetupLink> {
    const link = await this.links.find(scope, linkUuidOf(id));
    if (!link) throw new SetupLinkNotFoundError();
    return link;
  }

  private async tokenToRenew(
    { scope }: RequestContext,
    id: string | null,
  ): Promise<TokenRow | null> {
    if (id === null) return null;
    const token = await this.tokens.find(scope, uuidOf(id));
    if (!token) throw new ScimTokenNotFoundError();
    if (token.revoked_at) throw new ScimTokenRevokedError();
    if (token.auth_method === 'workload_identity') throw new NoSecretError();
    return token;
  }
}

/** @throws InputInvalidError for a method that the token, or the provider, has not, or a provider without the token's */
function methodFor(
  { provider, auth_method: wanted }: Readonly<CreateSetupLinkDto>,
  token: TokenRow | null,
): AuthMethod | null {
  const method = token?.auth_method ?? wanted ?? null;
  if (method === null) return null;
  if (wanted && wanted !== method) throw noMethod([method]);
  const methods = provider ? methodsOf(provider) : [method];
  if (methods.includes(method)) return method;
  if (wanted) throw noMethod(methods);
  // It is the token's, which nobody named: the provider is what does not go with it.
  const fitting = IDENTITY_PROVIDERS.filter((id) => methodsOf(id).includes(method));
  throw InputInvalidError.field('body', 'provider', 'literal_error', fitting);
}

function noMethod(methods: readonly AuthMethod[]): InputInvalidError {
  return InputInvalidError.field('body', 'auth_method', 'literal_error', methods);
}

function methodsOf(provider: string): AuthMethod[] {
  const found = identityProviders('', '').find(({ id }) => id === provider);
  return found?.methods.map(({ auth_method }) => auth_method) ?? [];
}

function boundsOf({ token }: Readonly<CreateSetupLinkDto>): StoredSetupLink['bounds'] {
  return {
    name: token?.name ?? null,
    scopes: token?.scopes ?? null,
    allowed_ips: token?.allowed_ips ?? null,
    expires_in_days: token?.expires_in_days ?? null,
  };
}
