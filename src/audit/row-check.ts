import { toTokenId } from '../core/token';
import type { QueryRunner } from 'typeorm';
import type { QualifiedTables } from '../database/table-names';
import type { Changes } from '../ledger/audit-chain';
import type { CheckedRow } from './chain-check';
import { tokensOfTenant, type CheckedToken } from './checked-tokens';
import { differingField, isOlder } from './row-difference';
import { TokenReplay } from './token-replay';

/** A token whose row and secrets are not what its events say. */
export interface RowDifference {
  /** `row_inserted`: no event tells of its creation; `row_missing`: none tells of its end. */
  readonly kind: 'row_altered' | 'row_inserted' | 'row_missing';
  /** The token's public id. */
  readonly tokenId: string;
  /** The first column that differs, or `secrets`; null where the row as a whole does. */
  readonly field: string | null;
}

/** Later than any row. */
const END_OF_TIME = new Date(8.64e15);

/** Compares a tenant's tokens with what its events say, for one part of them. */
export class RowCheck {
  private readonly replays = new Map<string, TokenReplay>();
  private firstAt: Date | null = null;

  /**
   * @param maxTokens most tokens that the first part may have: beyond, the number of parts is doubled
   * @param part the part whose tokens are looked at, of `parts`
   */
  constructor(
    private readonly maxTokens: number,
    private readonly part = 0,
    public parts = 1,
  ) {}

  /** Takes in the next event of the chain. */
  note(row: CheckedRow): void {
    this.firstAt ??= row.at;
    if (row.token_id === null || row.type === 'scim_token.auth_failed') return;
    if (!this.isMine(row.token_id)) return;
    const replay = this.replays.get(row.token_id) ?? new TokenReplay();
    this.replays.set(row.token_id, replay);
    replay.apply({ ...row, changes: JSON.parse(row.changes) as Changes });
    if (this.part === 0) while (this.replays.size > this.maxTokens) this.halve();
  }

  /**
   * The first token that is not what the events said, once all of them are taken in.
   *
   * @param isPruned whether the chain's first events were removed
   */
  async difference(
    runner: QueryRunner,
    tables: QualifiedTables,
    tenantId: string,
    isPruned: boolean,
  ): Promise<RowDifference | null> {
    const trailBegan = isPruned ? (this.firstAt ?? END_OF_TIME) : null;
    for await (const tokens of tokensOfTenant(runner, tables, tenantId)) {
      for (const token of tokens.filter(({ id }) => this.isMine(id))) {
        const difference = this.differenceOf(token, trailBegan);
        if (difference) return difference;
        this.replays.delete(token.id);
      }
    }
    // Who was revoked may have been purged.
    for (const [id, { mustExist }] of this.replays) {
      if (mustExist) return missing(runner, tables, id);
    }
    return null;
  }

  private differenceOf(token: CheckedToken, trailBegan: Date | null): RowDifference | null {
    const tokenId = toTokenId(token.id);
    const replay = this.replays.get(token.id);
    if (!replay?.isWhole && !isOlder(token.created_at, trailBegan)) {
      return { kind: 'row_inserted', tokenId, field: null };
    }
    const field = replay ? differingField(replay, token, trailBegan) : null;
    return field === null ? null : { kind: 'row_altered', tokenId, field };
  }

  private halve(): void {
    this.parts *= 2;
    for (const id of this.replays.keys()) if (!this.isMine(id)) this.replays.delete(id);
  }

  /** By the id's last digits, which are random. */
  private isMine(id: string): boolean {
    return this.parts === 1 || parseInt(id.slice(-8), 16) % this.parts === this.part;
  }
}

/** A row that has gone to another tenant is altered, not missing. */
async function missing(
  runner: QueryRunner,
  { tokens }: QualifiedTables,
  id: string,
): Promise<RowDifference> {
  const found = (await runner.query(`SELECT FROM ${tokens} WHERE id = $1`, [id])) as unknown[];
  const tokenId = toTokenId(id);
  return found.length > 0
    ? { kind: 'row_altered', tokenId, field: 'tenant_id' }
    : { kind: 'row_missing', tokenId, field: null };
}
