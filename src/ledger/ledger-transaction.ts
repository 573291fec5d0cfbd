import type { EventToken, SetupLinkEventType } from '../core/scim-token-event-listener';
import { v7 as uuidV7 } from 'uuid';
import type { Doer } from '../core/request-context';
import { tokenOf, type StoredSetupLink } from '../core/setup-link';
import { STORED_COLUMNS, type StoredToken } from '../core/token';
import { NOBODY } from '../database/entities/scim-token-auth-failure.entity';
import type { AuditEntryType, Changes } from './audit-chain';
import { LockedTenant, mustBe, type AccessTokens } from './locked-tenant';
import { changesOf } from './token-changes';
import { assignments } from './token-update';
import type { Consequences, NewSecret, NewToken, Told, ToldOfChange, TokenPatch } from './writes';

const SECRET_COLUMNS = [
  'tenant_id',
  'id',
  'token_id',
  'format',
  'lookup_id',
  'secret_hash',
  'secret_mac',
  'pepper_id',
  'last_four',
  'created_at',
] as const;

/**
 * What a write may do while it holds its tenant's lock. Whatever changes a token is one call, which sees to
 * the row, its version, the audit entry, the event, the counter and the eviction together.
 */
export class LedgerTransaction extends LockedTenant {
  constructor(
    tenant: ConstructorParameters<typeof LockedTenant>,
    /** Who does it. */
    private readonly by: Doer,
    private readonly left: Consequences,
  ) {
    super(...tenant);
  }

  /** Who does it, as the trail names them. */
  get actor(): string | null {
    return this.by.actor;
  }

  /** Stores new tokens, with their first secrets where they have any. */
  async create(created: readonly NewToken[]): Promise<void> {
    const tokens = created.map(({ token }) => token);
    await this.insert(this.tables.tokens, STORED_COLUMNS, tokens);
    await this.insertSecrets(
      created.flatMap(({ token, secret }) => (secret ? { tokenId: token.id, secret } : [])),
    );
    this.left.listed += created.length;
    for (const { token, secret } of created) {
      const imported = secret?.format === 'sha256';
      // Whoever presented such a value before was refused as unknown, which no longer holds.
      if (imported) this.evict(NOBODY);
      const format = { from: null, to: 'sha256' };
      const changes = { ...changesOf(null, token), ...(imported && { format }) };
      this.tell(token, { entry: 'scim_token.created', event: 'scim_token.created', changes });
    }
  }

  /** Stores secrets of tokens that have no other current one, or the statement fails. */
  async insertSecrets(
    secrets: readonly { readonly tokenId: string; readonly secret: NewSecret }[],
  ): Promise<void> {
    const rows = secrets.map(({ tokenId, secret }) => ({
      tenant_id: this.tenantId,
      id: uuidV7({ msecs: this.now.getTime() }),
      token_id: tokenId,
      format: secret.format,
      lookup_id: secret.lookupId,
      secret_hash: secret.secretHash,
      secret_mac: secret.secretMac,
      pepper_id: secret.pepperId,
      last_four: secret.lastFour,
      created_at: this.now,
    }));
    await this.insert(this.tables.secrets, SECRET_COLUMNS, rows);
  }

  /**
   * Changes columns of tokens that are not revoked, and raises their version. The trail tells of the fields
   * that an administrator sees change, of switching on or off in an entry of its own.
   *
   * @param told what it is, and what else the trail says of each
   * @returns the tokens as they then are, in their order
   */
  async patch<Token extends StoredToken>(
    tokens: readonly Token[],
    columns: TokenPatch,
    told: (token: Token) => ToldOfChange,
  ): Promise<Token[]> {
    const patched = await this.update(columns, tokens);
    mustBe(patched.length === tokens.length);
    const byId = new Map(patched.map((token) => [token.id, token]));
    return tokens.map((before) => {
      const after = { ...before, ...byId.get(before.id) };
      const { entry, event, changes } = told(before);
      const { enabled, ...fields } = changesOf(before, after);
      const others = { ...fields, ...changes };
      if (Object.keys(others).length > 0) this.record(entry, after.id, others);
      if (enabled) {
        const switched = enabled.to === true ? 'scim_token.enabled' : 'scim_token.disabled';
        this.record(switched, after.id, { enabled });
      }
      this.tell(after, { entry: null, event });
      return after;
    });
  }

  /** Changes columns of one token, as {@link patch} does. */
  async patchOne<Token extends StoredToken>(
    token: Token,
    columns: TokenPatch,
    told: ToldOfChange,
  ): Promise<Token> {
    const [patched = token] = await this.patch([token], columns, () => told);
    return patched;
  }

  /**
   * Revokes tokens of the tenant for good; those that are revoked already stay as they are.
   *
   * @param told what it is, where it is more than a revocation
   * @returns those that this revoked, as they then are
   */
  async revoke(
    tokens: readonly Pick<StoredToken, 'id'>[] | 'all',
    reason: string | null,
    { changes, ...told }: Told = { entry: 'scim_token.revoked', event: 'scim_token.revoked' },
  ): Promise<StoredToken[]> {
    const revocation = {
      revoked_at: this.now,
      revoked_by: this.by.actor,
      revocation_reason: reason,
    };
    const revoked = await this.update(revocation, tokens);
    this.left.listed -= revoked.length;
    for (const token of revoked) {
      this.tell(token, {
        ...told,
        changes: {
          ...changes,
          revoked_at: { from: null, to: this.now.toISOString() },
          ...(reason !== null && { revocation_reason: { from: null, to: reason } }),
        },
      });
    }
    return revoked;
  }

  /**
   * Ends access tokens of a token: they are refused here before the answer, elsewhere as soon as it is heard.
   *
   * @returns how many
   */
  async endAccessTokens(which: AccessTokens): Promise<number> {
    this.evict(which.tokenId);
    return this.deleteAccessTokens(which);
  }

  /**
   * Removes tokens that were revoked then or before, the first ones first, with their secrets and uses.
   * Their audit entries stay.
   *
   * @returns how many
   */
  async purge(revokedUntil: Date, most: number): Promise<number> {
    const { tokens } = this.tables;
    const purged = await this.rows<{ id: string }>(
      `DELETE FROM ${tokens} WHERE tenant_id = $1 AND id IN (
         SELECT id FROM ${tokens} WHERE tenant_id = $1 AND revoked_at <= $2
         ORDER BY revoked_at, id LIMIT $3)
       RETURNING id`,
      [this.tenantId, revokedUntil, most],
    );
    for (const { id } of purged) this.evict(id);
    return purged.length;
  }

  /** Tells of something that leaves the token's row as it is. */
  tell(token: EventToken, { entry, event, changes = {}, lastFour, daysLeft, health }: Told): void {
    if (entry) this.record(entry, token.id, changes);
    this.left.events.push({
      type: event,
      at: this.now,
      token: lastFour === undefined ? token : { ...token, last_four: lastFour },
      actor: this.by.actor,
      ...(daysLeft !== undefined && { daysLeft }),
      ...(health && { health }),
    });
  }

  /** Tells of something that happened to a setup link, in the trail and outside. */
  tellOfLink(link: StoredSetupLink, type: SetupLinkEventType, changes: Changes): void {
    this.record(type, tokenOf(link), changes);
    this.left.events.push({ type, at: this.now, link, actor: this.by.actor });
  }

  /**
   * Appends an entry to the tenant's audit chain.
   *
   * @param tokenId UUID of the token; null where it is of nobody's value
   */
  record(type: AuditEntryType, tokenId: string | null, changes: Changes, by = this.by): void {
    this.left.chain.append({ type, tokenId, at: this.now, ...by, changes });
  }

  /**
   * Says that what checks remember of a token is no longer true: forgotten here before the answer, elsewhere
   * when the transaction commits.
   */
  evict(tokenId: string): void {
    this.left.evicted.add(tokenId);
  }

  /** Changes columns of those of these tokens that are not revoked. */
  private async update(
    columns: Partial<StoredToken>,
    tokens: readonly Pick<StoredToken, 'id'>[] | 'all',
  ): Promise<StoredToken[]> {
    const parameters: unknown[] = [this.tenantId, this.now];
    const use = (value: unknown): string => `$${parameters.push(value)}`;
    const which =
      tokens === 'all' ? '' : `AND id = ANY(${use(tokens.map(({ id }) => id))}::uuid[])`;
    const updated = await this.rows<StoredToken>(
      `UPDATE ${this.tables.tokens}
       SET ${assignments(columns, '$2', use).join(', ')}, version = version + 1, updated_at = $2
       WHERE tenant_id = $1 AND revoked_at IS NULL ${which}
       RETURNING ${STORED_COLUMNS.join(', ')}`,
      parameters,
    );
    for (const { id } of updated) this.evict(id);
    return updated;
  }
}
