import { requireRoom } from '../ledger/active-token-limit';
import { Injectable } from '@nestjs/common';
import { v7 as uuidV7 } from 'uuid';
import { Clock } from '../core/clock';
import { HOUR_MS, daysAfter } from '../core/time';
import { InputInvalidError } from '../http/validation';
import type { RequestContext } from '../core/request-context';
import { recordBy } from '../ledger/record';
import { OVERLAP_DEFAULT_HOURS, type RotateScimTokenDto } from './rotate-scim-token.dto';
import type {
  ScimTokenCreatedResponse,
  ScimTokenResponse,
} from '../scim-tokens/dto/scim-token.response';
import { toScimToken } from '../scim-tokens/dto/to-scim-token';
import { LockedTokens } from '../ledger/locked-tokens';
import { TenantPolicies } from '../core/tenant-policies';
import {
  NoRotationError,
  RotationUnderWayError,
  ScimTokenNotFoundError,
  ScimTokenRevokedError,
} from '../core/scim-tokens.errors';
import { ResolvedScimTokensOptions } from '../core/scim-tokens.options';
import { ScimTokensRepository } from '../scim-tokens/scim-tokens.repository';
import type { LockedToken, TokenRow } from '../core/token-row';
import { mintSecret } from '../secrets/scim-token.secret';
import { SecretHasher } from '../secrets/secret-hasher';
import type { TenantTransaction } from '../ledger/tenant-transaction';
import { uuidOf } from '../core/token-id';
import { tokenStatus } from '../core/token-status';
import { faceChanges, previousChanges, type RotationStep } from './rotation-step';
import {
  RotationRepository,
  type PreviousSecret,
  type RotationChanges,
} from './rotation.repository';

/** Gives tokens a new secret, and lets the old one go on for a while: a rotation without an outage. */
@Injectable()
export class RotationService {
  constructor(
    private readonly tokens: LockedTokens,
    private readonly repository: RotationRepository,
    private readonly tokensRepository: ScimTokensRepository,
    private readonly policies: TenantPolicies,
    private readonly hasher: SecretHasher,
    private readonly clock: Clock,
    private readonly options: ResolvedScimTokensOptions,
  ) {}

  /**
   * Makes a new secret and answers the token with its value, which cannot be read again. The old secret
   * ends with the overlap, that of an expired token at once.
   *
   * @throws ScimTokenNotFoundError, TenantNotFoundError, ScimTokenRevokedError, RotationUnderWayError,
   *   InputInvalidError, TooManyActiveTokensError
   */
  async rotate(
    context: RequestContext,
    id: string,
    input: Readonly<RotateScimTokenDto>,
  ): Promise<ScimTokenCreatedResponse> {
    const uuid = uuidOf(id);
    // A hash costs a core some 50 ms: not for ids that are nobody's, and never under the lock.
    const tenantId = await this.tokensRepository.findTenant(context.scope, uuid);
    if (tenantId === null) throw new ScimTokenNotFoundError();
    await this.policies.requireKnown(tenantId);
    const secret = mintSecret(this.options.prefix);
    const hashes = await this.hasher.hash(secret);
    return this.tokens.change(context, uuid, async (transaction, row) => {
      const now = this.clock.now();
      if (row.revoked_at) throw new ScimTokenRevokedError();
      if (await this.repository.previous(transaction, row.id, now)) {
        throw new RotationUnderWayError();
      }
      const expiresAt = await this.newExpiry(row, input, now);
      const expired = tokenStatus(row, now) === 'expired';
      if (expired) await requireRoom(transaction, this.policies, row.tenant_id, now);

      const overlapMs = expired ? 0 : (input.overlap_hours ?? OVERLAP_DEFAULT_HOURS) * HOUR_MS;
      const endsAt = new Date(Math.min(now.getTime() + overlapMs, expiresAt.getTime()));
      const stored = {
        id: uuidV7({ msecs: now.getTime() }),
        lookupId: secret.lookupId,
        lastFour: secret.value.slice(-4),
        ...hashes,
      };
      const face: RotationChanges = {
        expires_at: expiresAt,
        token_prefix: secret.visiblePrefix,
        last_four: stored.lastFour,
        rotation_ends_at: overlapMs === 0 ? null : endsAt,
      };
      mustBe(await this.repository.replaceCurrent(transaction, row, stored, { now, endsAt }));
      const changed = await this.change(transaction, context, row, face, {
        now,
        event: 'scim_token.rotated',
        notice: 'scim_token.rotated',
        changes: previousChanges(null, endsAt),
      });
      const rotation = {
        started_at: now,
        previous_last_four: row.last_four,
        previous_expires_at: endsAt,
        previous_last_used_at: row.secret_last_used_at,
        new_first_used_at: null,
      };
      return { ...toScimToken({ ...changed, rotation }, now), token: secret.value };
    });
  }

  /**
   * Ends the old secret now.
   *
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, NoRotationError
   */
  async complete(context: RequestContext, id: string): Promise<ScimTokenResponse> {
    return this.tokens.change(context, uuidOf(id), async (transaction, row) => {
      const now = this.clock.now();
      const previous = await this.underWay(transaction, row, now);
      return toScimToken(await this.endPrevious(transaction, context, row, previous, now), now);
    });
  }

  /**
   * Ends a secret of the locked token now, where it is the old one of a rotation that is under way.
   *
   * @returns the token as it then is; null where the secret is another one
   */
  async completeWith(
    transaction: TenantTransaction,
    context: RequestContext,
    row: LockedToken,
    secretId: string,
    now: Date,
  ): Promise<TokenRow | null> {
    const previous = await this.repository.previous(transaction, row.id, now);
    if (previous?.id !== secretId) return null;
    return this.endPrevious(transaction, context, row, previous, now);
  }

  /**
   * Ends the new secret now: the old one is current again, with the expiry the token had.
   *
   * @throws ScimTokenNotFoundError, ScimTokenRevokedError, NoRotationError, TooManyActiveTokensError
   */
  async cancel(context: RequestContext, id: string): Promise<ScimTokenResponse> {
    return this.tokens.change(context, uuidOf(id), async (transaction, row) => {
      const now = this.clock.now();
      const previous = await this.underWay(transaction, row, now);
      const face: RotationChanges = {
        expires_at: previous.former_expires_at,
        token_prefix: previous.former_token_prefix,
        last_four: previous.last_four,
        rotation_ends_at: null,
      };
      if (row.expires_at <= now && face.expires_at > now) {
        await requireRoom(transaction, this.policies, row.tenant_id, now);
      }
      mustBe(await this.repository.restorePrevious(transaction, row, previous, now));
      const changed = await this.change(transaction, context, row, face, {
        now,
        event: 'scim_token.rotation_cancelled',
        notice: 'scim_token.updated',
        changes: previousChanges(previous.expires_at, null),
      });
      return toScimToken(changed, now);
    });
  }

  private async endPrevious(
    transaction: TenantTransaction,
    context: RequestContext,
    row: LockedToken,
    previous: PreviousSecret,
    now: Date,
  ): Promise<TokenRow> {
    mustBe(await this.repository.retirePrevious(transaction, previous, now));
    const face = { ...row, rotation_ends_at: null };
    return this.change(transaction, context, row, face, {
      now,
      event: 'scim_token.rotation_completed',
      notice: 'scim_token.updated',
      changes: previousChanges(previous.expires_at, now),
    });
  }

  private async underWay(
    transaction: TenantTransaction,
    row: LockedToken,
    now: Date,
  ): Promise<PreviousSecret> {
    if (row.revoked_at) throw new ScimTokenRevokedError();
    const previous = await this.repository.previous(transaction, row.id, now);
    if (!previous) throw new NoRotationError();
    return previous;
  }

  /** @throws InputInvalidError beyond the tenant's longest lifetime, which counts from the new secret's creation */
  private async newExpiry(
    row: LockedToken,
    { expires_in_days: days }: Readonly<RotateScimTokenDto>,
    now: Date,
  ): Promise<Date> {
    const { maxTtlDays, defaultTtlDays } = await this.policies.of(row.tenant_id);
    if (typeof days === 'number' && days > maxTtlDays) {
      throw InputInvalidError.field('body', 'expires_in_days', 'beyond_max_ttl', [maxTtlDays]);
    }
    return daysAfter(now, days ?? defaultTtlDays);
  }

  private async change(
    transaction: TenantTransaction,
    context: RequestContext,
    row: LockedToken,
    face: RotationChanges,
    { now, event, notice, changes }: RotationStep,
  ): Promise<TokenRow> {
    mustBe(await this.repository.updateToken(transaction, row, face, now));
    recordBy(transaction, context, event, row, now, { ...faceChanges(row, face), ...changes });
    const { expires_at, token_prefix, last_four, rotation_ends_at } = face;
    const changed = {
      ...row,
      expires_at,
      token_prefix,
      last_four,
      rotation_ends_at,
      rotation: null,
    };
    transaction.notify({ type: notice, at: now, token: changed, actor: context.actor });
    return { ...changed, updated_at: now, version: row.version + 1 };
  }
}

/** Under the tenant's lock nothing else can have changed what was read: if it has, nothing is done. */
function mustBe(done: boolean): void {
  if (!done) throw new Error('A token changed under its tenant lock');
}
