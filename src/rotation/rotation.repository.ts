import { Injectable } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { InjectScimTokensDataSource } from '../database/scim-tokens-data-source';
import { runUnlogged } from '../database/own-statements';
import { qualifiedTables, type QualifiedTables } from '../database/table-names';
import type { EventToken } from '../core/token-event';
import type { NewSecret } from '../ledger/insert-secret';
import type { TokenRow } from '../core/token-row';
import { insertSecret } from '../ledger/insert-secret';
import type { TenantTransaction } from '../ledger/tenant-transaction';

/** The secret that a rotation is about to end. */
export interface PreviousSecret {
  readonly id: string;
  readonly last_four: string | null;
  readonly expires_at: Date;
  /** The token's expiry and visible prefix before the rotation. */
  readonly former_expires_at: Date;
  readonly former_token_prefix: string | null;
}

/** A token whose rotation is over, or stalls. */
export interface RotatedToken extends EventToken {
  readonly previous_expires_at: Date;
}

/** What a rotation makes of its token. */
export type RotationChanges = Pick<
  TokenRow,
  'expires_at' | 'token_prefix' | 'last_four' | 'rotation_ends_at'
>;

/** Minutes after its first use at which another use of the new secret proves the change-over. */
const PROOF_MINUTES = 30;

/**
 * The change-over is proven: the new secret (`c`) was used again some time after its first use, which a
 * console's "Test connection" is, and the old one (`p`) not since that first use.
 */
const PROVEN = `c.last_used_at >= c.first_used_at + interval '${PROOF_MINUTES} minutes'
  AND (p.last_used_at IS NULL OR p.last_used_at <= c.first_used_at)`;

/** The old secret is still in use, or the new one was never seen, with a quarter of the overlap left. */
const STALLED = `p.expires_at > $1 AND p.stalled_at IS NULL
  AND p.expires_at - (p.expires_at - c.created_at) / 4 <= $1
  AND (c.first_used_at IS NULL OR p.last_used_at > c.first_used_at)`;

/** SQL of a token's two secrets. */
@Injectable()
export class RotationRepository {
  private readonly tables: QualifiedTables;
  /** Tokens under rotation with their old secret as `p` and their new one as `c`: reads a small index. */
  private readonly rotations: string;

  constructor(@InjectScimTokensDataSource() private readonly dataSource: DataSource) {
    this.tables = qualifiedTables(dataSource);
    const { secrets, tokens } = this.tables;
    this.rotations = `${secrets} p
      JOIN ${secrets} c ON c.tenant_id = p.tenant_id AND c.token_id = p.token_id
        AND c.expires_at IS NULL AND c.retired_at IS NULL
      JOIN ${tokens} t ON t.tenant_id = p.tenant_id AND t.id = p.token_id AND t.revoked_at IS NULL
      WHERE p.expires_at IS NOT NULL AND p.retired_at IS NULL`;
  }

  /** The old secret of a rotation that is under way. */
  async previous(
    transaction: TenantTransaction,
    tokenId: string,
    now: Date,
  ): Promise<PreviousSecret | null> {
    const [row] = await transaction.rows<PreviousSecret>(
      `SELECT id, last_four, expires_at, former_expires_at, former_token_prefix
       FROM ${this.tables.secrets}
       WHERE tenant_id = $3 AND token_id = $1 AND retired_at IS NULL AND expires_at > $2`,
      [tokenId, now, transaction.tenantId],
    );
    return row ?? null;
  }

  /** Puts an end to the current secret, and a new one in its place. */
  async replaceCurrent(
    transaction: TenantTransaction,
    row: TokenRow,
    secret: NewSecret,
    { now, endsAt }: { readonly now: Date; readonly endsAt: Date },
  ): Promise<boolean> {
    const { secrets } = this.tables;
    await transaction.affected(
      `UPDATE ${secrets} SET retired_at = expires_at
       WHERE tenant_id = $3 AND token_id = $1 AND retired_at IS NULL AND expires_at <= $2`,
      [row.id, now, row.tenant_id],
    );
    const ended = await transaction.affected(
      `UPDATE ${secrets}
       SET expires_at = $2, retired_at = CASE WHEN $2::timestamptz <= $3 THEN $3::timestamptz END,
           former_expires_at = $4, former_token_prefix = $5, stalled_at = NULL
       WHERE tenant_id = $6 AND token_id = $1 AND expires_at IS NULL AND retired_at IS NULL`,
      [row.id, endsAt, now, row.expires_at, row.token_prefix, row.tenant_id],
    );
    if (ended !== 1) return false;
    await insertSecret(transaction, row.id, secret, now);
    return true;
  }

  /** Ends the old secret now; answers false if it has ended already. */
  async retirePrevious(
    transaction: TenantTransaction,
    previous: PreviousSecret,
    now: Date,
  ): Promise<boolean> {
    const ended = await transaction.affected(
      `UPDATE ${this.tables.secrets} SET retired_at = $2
       WHERE tenant_id = $3 AND id = $1 AND retired_at IS NULL AND expires_at > $2`,
      [previous.id, now, transaction.tenantId],
    );
    return ended === 1;
  }

  /** Ends the new secret now, and makes the old one current again; answers false if that has ended. */
  async restorePrevious(
    transaction: TenantTransaction,
    { id, token_prefix }: Pick<TokenRow, 'id' | 'token_prefix'>,
    previous: PreviousSecret,
    now: Date,
  ): Promise<boolean> {
    const { secrets } = this.tables;
    await transaction.affected(
      `UPDATE ${secrets} SET expires_at = $2, retired_at = $2, former_token_prefix = $3
       WHERE tenant_id = $4 AND token_id = $1 AND expires_at IS NULL AND retired_at IS NULL`,
      [id, now, token_prefix, transaction.tenantId],
    );
    const restored = await transaction.affected(
      `UPDATE ${secrets}
       SET expires_at = NULL, former_expires_at = NULL, former_token_prefix = NULL, stalled_at = NULL
       WHERE tenant_id = $3 AND id = $1 AND retired_at IS NULL AND expires_at > $2`,
      [previous.id, now, transaction.tenantId],
    );
    return restored === 1;
  }

  /** Gives the token its new face, if it is still as it was read. */
  async updateToken(
    transaction: TenantTransaction,
    row: TokenRow,
    { expires_at, token_prefix, last_four, rotation_ends_at }: RotationChanges,
    now: Date,
  ): Promise<boolean> {
    const changed = await transaction.affected(
      `UPDATE ${this.tables.tokens}
       SET expires_at = $4, token_prefix = $5, last_four = $6, version = version + 1, updated_at = $7,
           expiry_set_at = CASE WHEN expires_at = $4 THEN expiry_set_at ELSE $7 END, rotation_ends_at = $8
       WHERE id = $1 AND tenant_id = $2 AND version = $3 AND revoked_at IS NULL`,
      [
        row.id,
        row.tenant_id,
        row.version,
        expires_at,
        token_prefix,
        last_four,
        now,
        rotation_ends_at,
      ],
    );
    return changed === 1;
  }

  /** The tenants of those of these tokens whose change-over is proven. */
  async provenTenants(tokenIds: readonly string[], now: Date): Promise<string[]> {
    return this.tenants(
      `${this.rotations} AND p.expires_at > $1 AND p.token_id = ANY($2::uuid[]) AND ${PROVEN}`,
      [now, tokenIds],
    );
  }

  /** The tenants with a rotation that is over, or stalls; the one read here over all tenants. */
  async dueTenants(now: Date): Promise<string[]> {
    return this.tenants(`${this.rotations} AND (p.expires_at <= $1 OR (${STALLED}))`, [now]);
  }

  /** Ends the old secrets of the locked tenant whose overlap is over, or whose change-over is proven. */
  async retireDue(
    transaction: TenantTransaction,
    tenantId: string,
    now: Date,
    most: number,
  ): Promise<RotatedToken[]> {
    return transaction.rows<RotatedToken>(
      `WITH due AS MATERIALIZED (
         SELECT p.id, p.token_id, t.tenant_id, t.name, t.last_four, t.expires_at FROM ${this.rotations}
           AND t.tenant_id = $2 AND (p.expires_at <= $1 OR (${PROVEN}))
         LIMIT $3
       ), over AS (
         UPDATE ${this.tables.tokens} t SET rotation_ends_at = NULL
         FROM due WHERE t.tenant_id = $2 AND t.id = due.token_id
       )
       UPDATE ${this.tables.secrets} p SET retired_at = least(p.expires_at, $1)
       FROM due WHERE p.tenant_id = $2 AND p.id = due.id AND p.retired_at IS NULL
       RETURNING p.token_id AS id, due.tenant_id, due.name, due.last_four, due.expires_at,
                 p.expires_at AS previous_expires_at`,
      [now, tenantId, most],
    );
  }

  /** Marks rotations of the locked tenant that stall, and answers those it marked. */
  async markStalled(
    transaction: TenantTransaction,
    tenantId: string,
    now: Date,
    most: number,
  ): Promise<RotatedToken[]> {
    return transaction.rows<RotatedToken>(
      `WITH due AS MATERIALIZED (
         SELECT p.id, t.tenant_id, t.name, t.last_four, t.expires_at FROM ${this.rotations}
           AND t.tenant_id = $2 AND ${STALLED}
         LIMIT $3
       )
       UPDATE ${this.tables.secrets} p SET stalled_at = $1
       FROM due WHERE p.tenant_id = $2 AND p.id = due.id AND p.stalled_at IS NULL
       RETURNING p.token_id AS id, due.tenant_id, due.name, due.last_four, due.expires_at,
                 p.expires_at AS previous_expires_at`,
      [now, tenantId, most],
    );
  }

  private async tenants(source: string, parameters: unknown[]): Promise<string[]> {
    const rows = await runUnlogged<{ tenant_id: string }>(
      this.dataSource,
      `SELECT DISTINCT t.tenant_id FROM ${source}`,
      parameters,
    );
    return rows.map(({ tenant_id }) => tenant_id);
  }
}
