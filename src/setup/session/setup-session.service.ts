import { Injectable } from '@nestjs/common';
import { Clock } from '../../core/clock';
import type { Language } from '../../core/languages';
import type { RequestContext } from '../../core/request-context';
import { ResolvedScimTokensOptions } from '../../core/scim-tokens.options';
import { statusOf, toLinkId, tokenOf, type StoredSetupLink } from '../../core/setup-link';
import { mayReturnTo, SetupUrls } from '../../core/setup-urls';
import type { TokenRow } from '../../core/token';
import type { Tenant } from '../../core/tenant-directory';
import { ScimTokensRepository } from '../../database/scim-tokens.repository';
import { failureText } from '../../endpoint-info/texts/failure-text';
import { Ledger } from '../../ledger/ledger';
import { openSetupLink } from '../../ledger/setup-links';
import { checkState, nextLookAt } from './check-state';
import {
  ConnectionRepository,
  type SeenConnection,
  type SeenFailure,
} from './connection.repository';
import { toConnection } from './connection.response';
import { SetupProviders } from './setup-providers';
import type { SetupBrandResponse, SetupCheckResponse, SetupResponse } from './setup.response';

/** The colour of a page whose operator names none. */
const COLOR = '#2456c9';
const UNSEEN: SeenConnection = { first_at: null, synced_at: null, secret_first_used_at: null };

/** Tells the holder of a setup link how things stand. */
@Injectable()
export class SetupSessionService {
  constructor(
    private readonly ledger: Ledger,
    private readonly tokens: ScimTokensRepository,
    private readonly connections: ConnectionRepository,
    private readonly providers: SetupProviders,
    private readonly options: ResolvedScimTokensOptions,
    private readonly urls: SetupUrls,
    private readonly clock: Clock,
  ) {}

  /** Reads all that the page shows, and notes the first time that it was opened. */
  async read(
    context: RequestContext,
    link: StoredSetupLink,
    { tenant, language }: { readonly tenant: Tenant; readonly language: Language },
  ): Promise<SetupResponse> {
    if (link.opened_at === null) {
      await this.ledger.write(link.tenant_id, context, (transaction) =>
        openSetupLink(transaction, link.id),
      );
    }
    const now = this.clock.now();
    const tokenId = tokenOf(link);
    const [token, seen, failures] = await Promise.all([
      tokenId === null ? null : this.tokens.find(context.scope, tokenId),
      this.connections.seen(link, now),
      this.connections.failures(link),
    ]);
    return {
      now: now.toISOString(),
      tenant: { id: link.tenant_id, name: tenant.name ?? link.tenant_id },
      brand: this.brand(),
      language: link.language,
      frame_ancestors: this.options.setup?.frameAncestors ?? [],
      link: this.ownLink(link, now),
      provider: link.provider ?? token?.provider ?? null,
      providers: this.providers.of(link, token, language),
      connection: token && toConnection(token, firstUse(token, seen), now),
      check: toCheck(link, seen ?? UNSEEN, failures, { language, now }),
    };
  }

  /** The way back is gone once the operator has taken its origin out. */
  private ownLink(link: StoredSetupLink, now: Date): SetupResponse['link'] {
    const { return_url: url } = link;
    return {
      id: toLinkId(link.id),
      status: statusOf(link, now),
      expires_at: link.expires_at.toISOString(),
      return_url: url !== null && mayReturnTo(url, this.options.setup) ? url : null,
      provider: link.provider,
      auth_method: link.auth_method,
      renews: link.token_id !== null,
    };
  }

  private brand(): SetupBrandResponse {
    const { brand } = this.options.setup ?? {};
    return {
      name: brand?.name ?? new URL(this.urls.page).host,
      color: brand?.color ?? COLOR,
      logo_url: brand?.logoFile ? this.urls.logoPath : null,
      support_url: brand?.supportUrl ?? null,
    };
  }
}

/** Where there is no secret, what its link saw. */
function firstUse({ auth_method }: TokenRow, seen: SeenConnection | null): Date | null {
  if (!seen) return null;
  return auth_method === 'workload_identity' ? seen.first_at : seen.secret_first_used_at;
}

function toCheck(
  link: StoredSetupLink,
  seen: SeenConnection,
  failures: readonly SeenFailure[],
  { language, now }: { readonly language: Language; readonly now: Date },
): SetupCheckResponse {
  const refused = failures.map(({ first_at }) => first_at.getTime());
  const refusedAt = refused.length > 0 ? new Date(Math.min(...refused)) : null;
  const { state, since } = checkState(link, seen, refusedAt);
  return {
    state,
    since: since?.toISOString() ?? null,
    next_look_at: nextLookAt(state, now).toISOString(),
    failures: failures.map(({ hint, count, last_at, last_claims }) => ({
      hint,
      text: failureText(hint, language),
      count: Number(count),
      last_at: last_at.toISOString(),
      ...(last_claims && { claims: last_claims }),
    })),
  };
}
