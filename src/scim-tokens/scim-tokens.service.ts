import { Injectable } from '@nestjs/common';
import { Clock } from '../core/clock';
import { heldTenant, requireTenant, type RequestContext } from '../core/request-context';
import {
  NoSecretError,
  RotationUnderWayError,
  ScimTokenNotFoundError,
  ScimTokenRevokedError,
} from '../core/errors';
import { TenantPolicies } from '../core/tenant-policies';
import { tokenStatus } from '../core/token';
import { uuidOf } from '../core/token-id';
import { ScimTokensRepository } from '../database/scim-tokens.repository';
import { InputContexts } from '../http/validation/input-context';
import { InputInvalidError, type InputSource } from '../http/validation/input-invalid.error';
import { Ledger } from '../ledger/ledger';
import { changesOf } from '../ledger/token-changes';
import { previousSecret } from '../ledger/rotation';
import { SecretHasher } from '../secrets/secret-hasher';
import { requireFit } from './change-fits';
import { CreateScimTokenDto } from './dto/create-scim-token.dto';
import { ListScimTokensQueryDto } from './dto/list-scim-tokens-query.dto';
import { OVERLAP_DEFAULT_HOURS, RotateScimTokenDto } from './dto/rotate-scim-token.dto';
import { RevokeScimTokenQueryDto } from './dto/revoke-scim-token-query.dto';
import type { ScimTokenPageResponse } from './dto/scim-token-page.response';
import type { ScimTokenCreatedResponse, ScimTokenResponse } from './dto/scim-token.response';
import { TokenAnswers } from './dto/token-answers';
import { UpdateScimTokenDto } from './dto/update-scim-token.dto';
import {
  checkedInput,
  type NewScimToken,
  type ScimTokenChanges,
  type ScimTokenQuery,
  type ScimTokenRotation,
} from './host-calls';
import { DEFAULT_SORT, ListCursor } from './list/list-cursor';
import { TokenListRepository } from './list/token-list.repository';
import { Precondition } from './precondition';
import { wantedChanges } from './token-from-input';
import { rotateToken, storeToken } from './token-writes';

/** How a token is revoked. */
export interface RevokeOptions {
  /** Why, for the token's own record; null for no reason. */
  readonly reason?: string | null;
  readonly precondition?: Precondition;
}

/**
 * A token's life from mint to revocation: its rules. Knows nothing of HTTP: a host calls it with a context of
 * `adminContext`, and what it hands in is validated by the rules of the API.
 */
@Injectable()
export class ScimTokensService {
  constructor(
    private readonly ledger: Ledger,
    private readonly policies: TenantPolicies,
    private readonly repository: ScimTokensRepository,
    private readonly tokenList: TokenListRepository,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
    private readonly inputs: InputContexts,
    private readonly answers: TokenAnswers,
  ) {}

  /**
   * Makes a token and returns it with its value or client secret, which cannot be read again; a workload
   * identity has neither.
   *
   * @throws TenantNotFoundError, TooManyActiveTokensError
   */
  async create(context: RequestContext, input: NewScimToken): Promise<ScimTokenCreatedResponse> {
    const tenant = requireTenant(context);
    const wanted = await this.checked(CreateScimTokenDto, input, context);
    const { defaultTtlDays, maxActive } = await this.policies.ofKnown(tenant.id);
    const minted = wanted.auth_method === 'workload_identity' ? null : await this.hasher.mint();
    return this.ledger.write(tenant.id, context, async (transaction) => {
      const { now } = transaction;
      const token = await storeToken(transaction, wanted, { minted, defaultTtlDays, maxActive });
      return minted
        ? this.answers.withValue(token, now, minted.value)
        : this.answers.of(token, now);
    });
  }

  /**
   * One page of the tokens in scope.
   *
   * @throws InputInvalidError for a cursor of a list that is sorted otherwise
   */
  async list(context: RequestContext, input: ScimTokenQuery = {}): Promise<ScimTokenPageResponse> {
    const query = await this.checked(ListScimTokensQueryDto, input, context, 'query');
    const { tenant_id: _, cursor, page, per_page, ...rest } = query;
    const { sort = cursor?.sort ?? DEFAULT_SORT, ...filter } = rest;
    if (cursor && cursor.sort !== sort) {
      throw InputInvalidError.field('query', 'cursor', 'bad_cursor');
    }
    if (context.tenant) heldTenant(context);
    const now = this.clock.now();
    const { rows, more, total } = await this.tokenList.list(
      context.scope,
      { ...filter, now },
      { sort, limit: per_page, start: cursor ?? (page - 1) * per_page },
    );
    const last = rows.at(-1);
    return {
      items: rows.map((row) => this.answers.of(row, now)),
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
    return this.answers.of(row, this.clock.now());
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
    input: ScimTokenChanges,
    precondition = Precondition.NONE,
  ): Promise<ScimTokenResponse> {
    const checked = await this.checked(UpdateScimTokenDto, input, context);
    return this.ledger.change(context, uuidOf(id), async (transaction, row) => {
      if (row.revoked_at) throw new ScimTokenRevokedError();
      precondition.require(row.version);
      const { now } = transaction;
      const wanted = wantedChanges(checked, now);
      const { maxTtlDays, maxActive } = await this.policies.of(row.tenant_id);
      requireFit(row, checked, wanted, { maxTtlDays, now });
      const changed = { ...row, ...wanted };
      const changes = changesOf(row, changed);
      if (Object.keys(changes).length === 0) return this.answers.of(row, now);

      if (tokenStatus(row, now) === 'expired' && tokenStatus(changed, now) !== 'expired') {
        await transaction.requireRoom(maxActive);
      }
      const event = 'scim_token.updated';
      const patched = await transaction.patchOne(row, wanted, { entry: event, event });
      // After the row: what was being issued meanwhile waited for it, or is there by now.
      if ('trust' in changes) await transaction.endAccessTokens({ tokenId: row.id });
      return this.answers.of(patched, now);
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
    if (reason !== null) {
      await this.checked(RevokeScimTokenQueryDto, { reason }, context, 'query');
    }
    await this.ledger.change(context, uuidOf(id), async (transaction, row) => {
      precondition.require(row.version);
      await transaction.revoke([row], reason);
    });
  }

  /**
   * Makes a new secret and returns the token with its value or client secret, which cannot be read again. The
   * old secret ends with the overlap, that of an expired token at once.
   *
   * @throws ScimTokenNotFoundError, TenantNotFoundError, ScimTokenRevokedError, RotationUnderWayError,
   *   NoSecretError, InputInvalidError, TooManyActiveTokensError
   */
  async rotate(
    context: RequestContext,
    id: string,
    input: ScimTokenRotation = {},
  ): Promise<ScimTokenCreatedResponse> {
    const wanted = await this.checked(RotateScimTokenDto, input, context);
    const uuid = uuidOf(id);
    // A hash costs a core some 50 ms: not where none is stored, and never under the lock.
    const found = await this.repository.find(context.scope, uuid);
    if (!found) throw new ScimTokenNotFoundError();
    await this.policies.ofKnown(found.tenant_id);
    if (found.revoked_at) throw new ScimTokenRevokedError();
    if (found.auth_method === 'workload_identity') throw new NoSecretError();
    const minted = await this.hasher.mint();
    return this.ledger.change(context, uuid, async (transaction, row) => {
      const { now } = transaction;
      if (row.revoked_at) throw new ScimTokenRevokedError();
      if (await previousSecret(transaction, row.id)) throw new RotationUnderWayError();
      const { maxTtlDays, defaultTtlDays, maxActive } = await this.policies.of(row.tenant_id);
      const days = wanted.expires_in_days ?? defaultTtlDays;
      if (days > maxTtlDays) {
        throw InputInvalidError.field('body', 'expires_in_days', 'beyond_max_ttl', [maxTtlDays]);
      }
      const expired = tokenStatus(row, now) === 'expired';
      if (expired) await transaction.requireRoom(maxActive);
      const overlapHours = expired ? 0 : (wanted.overlap_hours ?? OVERLAP_DEFAULT_HOURS);
      const rotated = await rotateToken(transaction, row, minted, { days, overlapHours });
      return this.answers.withValue(rotated, now, minted.value);
    });
  }

  private checked<Dto extends object>(
    dto: new () => Dto,
    input: object,
    context: RequestContext,
    source: InputSource = 'body',
  ): Promise<Dto> {
    return checkedInput(dto, input, source, context, this.inputs);
  }
}
