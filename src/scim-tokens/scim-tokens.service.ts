import { requireRoom } from '../ledger/active-token-limit';
import { Injectable } from '@nestjs/common';
import { v7 as uuidV7 } from 'uuid';
import { Clock } from '../core/clock';
import { daysAfter } from '../core/time';
import { InputInvalidError } from '../http/validation';
import { heldTenant, knownTenant, type RequestContext } from '../core/request-context';
import type { Changes } from '../ledger/audit-chain';
import { recordBy } from '../ledger/record';
import { changesOf, creationOf } from '../ledger/token-changes';
import type { CreateScimTokenDto } from './dto/create-scim-token.dto';
import type { ListScimTokensQueryDto } from './dto/list-scim-tokens-query.dto';
import type { ScimTokenPageResponse } from './dto/scim-token-page.response';
import type { ScimTokenCreatedResponse, ScimTokenResponse } from './dto/scim-token.response';
import { toScimToken } from './dto/to-scim-token';
import type { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import { DEFAULT_SORT, ListCursor } from './list/list-cursor';
import { TokenListRepository } from './list/token-list.repository';
import { LockedTokens } from '../ledger/locked-tokens';
import { TenantPolicies } from '../core/tenant-policies';
import { newToken } from './new-token';
import { Precondition } from './precondition';
import { ScimTokenNotFoundError, ScimTokenRevokedError } from '../core/scim-tokens.errors';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { ScimTokensRepository } from './scim-tokens.repository';
import { mintSecret } from '../secrets/scim-token.secret';
import { SecretHasher } from '../secrets/secret-hasher';
import { TenantTransactions, type TenantTransaction } from '../ledger/tenant-transaction';
import type { LockedToken, TokenChanges, TokenRow } from '../core/token-row';
import { tokenStatus } from '../core/token-status';
import { uuidOf } from '../core/token-id';
import { wantedChanges } from './wanted-changes';

/** How a token is revoked. */
export interface RevokeOptions {
  /** Why, for the token's own record; null for no reason. */
  readonly reason?: string | null;
  readonly precondition?: Precondition;
}

/** A token's life from mint to revocation: rules, time and the unit of work. Knows nothing of HTTP. */
@Injectable()
export class ScimTokensService {
  constructor(
    private readonly tokens: LockedTokens,
    private readonly policies: TenantPolicies,
    private readonly repository: ScimTokensRepository,
    private readonly tokenList: TokenListRepository,
    private readonly transactions: TenantTransactions,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /**
   * Mints a token and answers it with its value, which cannot be read again.
   *
   * @throws TenantNotFoundError, TooManyActiveTokensError
   */
  async create(
    context: RequestContext,
    input: Readonly<CreateScimTokenDto>,
  ): Promise<ScimTokenCreatedResponse> {
    const tenant = knownTenant(context);
    const secret = mintSecret(this.options.prefix);
    const lastFour = secret.value.slice(-4);
    const hashes = await this.hasher.hash(secret);

    const { defaultTtlDays } = await this.policies.of(tenant.id);
    const now = this.clock.now();
    const tokenPrefix = secret.visiblePrefix;
    const { actor } = context;
    const row = newToken(
      { tenantId: tenant.id, actor, now, defaultTtlDays, tokenPrefix, lastFour },
      input,
    );
    await this.transactions.run(tenant.id, async (transaction) => {
      await requireRoom(transaction, this.policies, tenant.id, now);
      const stored = { id: uuidV7({ msecs: now.getTime() }), lookupId: secret.lookupId, lastFour };
      await this.repository.insert(transaction, row, { ...stored, ...hashes });
      transaction.addListed(1);
      recordBy(transaction, context, 'scim_token.created', row, now, creationOf(row));
      transaction.notify({ type: 'scim_token.created', at: now, token: row, actor });
    });
    return { ...toScimToken(row, now), token: secret.value };
  }

  /**
   * One page of the tokens in scope.
   *
   * @throws InputInvalidError for a cursor of a list that is sorted otherwise
   */
  async list(
    context: RequestContext,
    query: Readonly<ListScimTokensQueryDto>,
  ): Promise<ScimTokenPageResponse> {
    const { cursor, page, per_page, sort = cursor?.sort ?? DEFAULT_SORT } = query;
    if (cursor && cursor.sort !== sort) {
      throw InputInvalidError.field('query', 'cursor', 'bad_cursor');
    }
    if (context.tenant) heldTenant(context);
    const now = this.clock.now();
    const { rows, more, total } = await this.tokenList.list(
      context.scope,
      {
        now,
        status: query.status,
        q: query.q,
        expires_before: query.expires_before,
        expires_after: query.expires_after,
        unused_since: query.unused_since,
        created_by: query.created_by,
      },
      { sort, limit: per_page, start: cursor ?? (page - 1) * per_page },
    );
    const last = rows.at(-1);
    return {
      items: rows.map((row) => toScimToken(row, now)),
      total,
      page: cursor ? null : page,
      per_page,
      pages: total === null ? null : Math.ceil(total / per_page),
      next_cursor: more && last ? ListCursor.after(last, sort).toString() : null,
    };
  }

  /** @throws ScimTokenNotFoundError for whatever is not a token in scope */
  async get(context: RequestContext, id: string): Promise<ScimTokenResponse> {
    const row = await this.repository.find(context.scope, uuidOf(id));
    if (!row) throw new ScimTokenNotFoundError();
    return toScimToken(row, this.clock.now());
  }

  /**
   * Changes what the input names; a change that changes nothing leaves no trace.
   *
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, TokenChangedError, TooManyActiveTokensError,
   *   InputInvalidError
   */
  async update(
    context: RequestContext,
    id: string,
    input: Readonly<UpdateScimTokenDto>,
    precondition = Precondition.NONE,
  ): Promise<ScimTokenResponse> {
    return this.tokens.change(context, uuidOf(id), async (transaction, row) => {
      if (row.revoked_at) throw new ScimTokenRevokedError();
      precondition.require(row.version);
      const now = this.clock.now();
      const wanted = wantedChanges(input, now);
      await this.requireWithinMaxTtl(row, input, wanted);
      const changed = { ...row, ...wanted };
      const changes = changesOf(row, changed);
      if (Object.keys(changes).length === 0) return toScimToken(row, now);

      if (tokenStatus(row, now) === 'expired' && tokenStatus(changed, now) !== 'expired') {
        await requireRoom(transaction, this.policies, row.tenant_id, now);
      }
      if (!(await this.repository.update(transaction, row, wanted, now))) {
        throw new ScimTokenRevokedError();
      }
      recordUpdate(transaction, context, row, now, changes);
      const { actor } = context;
      transaction.notify({ type: 'scim_token.updated', at: now, token: changed, actor });
      return toScimToken({ ...changed, updated_at: now, version: row.version + 1 }, now);
    });
  }

  /**
   * Revokes for good; revoking again is no error and changes nothing.
   *
   * @throws ScimTokenNotFoundError, TokenChangedError
   */
  async revoke(
    context: RequestContext,
    id: string,
    { reason = null, precondition = Precondition.NONE }: RevokeOptions = {},
  ): Promise<void> {
    await this.tokens.change(context, uuidOf(id), async (transaction, row) => {
      precondition.require(row.version);
      const at = this.clock.now();
      const by = { actor: context.actor, at, reason };
      if (!(await this.repository.revoke(transaction, row, by))) return;
      transaction.addListed(-1);
      recordBy(transaction, context, 'scim_token.revoked', row, at, {
        revoked_at: { from: null, to: at.toISOString() },
        ...(reason !== null && { revocation_reason: { from: null, to: reason } }),
      });
      const { actor } = context;
      transaction.notify({ type: 'scim_token.revoked', at, token: row, actor });
    });
  }

  /** The lifetime counts from the current secret's creation. */
  private async requireWithinMaxTtl(
    { tenant_id, secret_created_at }: LockedToken,
    { expires_in_days }: Readonly<UpdateScimTokenDto>,
    { expires_at }: TokenChanges,
  ): Promise<void> {
    if (!expires_at) return;
    const { maxTtlDays } = await this.policies.of(tenant_id);
    if (expires_at <= daysAfter(secret_created_at, maxTtlDays)) return;
    const field = expires_in_days === undefined ? 'expires_at' : 'expires_in_days';
    throw InputInvalidError.field('body', field, 'beyond_max_ttl', [maxTtlDays]);
  }
}

/** Switching on or off is an event of its own, so that the trail can be asked for it. */
function recordUpdate(
  transaction: TenantTransaction,
  context: RequestContext,
  row: TokenRow,
  at: Date,
  { enabled, ...others }: Changes,
): void {
  if (Object.keys(others).length > 0) {
    recordBy(transaction, context, 'scim_token.updated', row, at, others);
  }
  if (enabled) {
    const type = enabled.to === true ? 'scim_token.enabled' : 'scim_token.disabled';
    recordBy(transaction, context, type, row, at, { enabled });
  }
}
