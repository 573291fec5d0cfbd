import { toTokenId } from '../core/token';
import type { QueryRunner } from 'typeorm';
import type { QualifiedTables } from '../database/table-names';
import type { Changes } from '../ledger/audit-chain';
import type { CheckedRow } from './chain-check';
import { tokensOfTenant, type CheckedToken, type SecretRow } from './checked-tokens';
import { TokenReplay, type ExpectedSecret } from './token-replay';

/** A token whose row and secrets are not what its entries say. */
export interface RowDifference {
  /** `row_inserted`: no entry tells of its creation; `row_missing`: none tells of its end. */
  readonly kind: 'row_altered' | 'row_inserted' | 'row_missing';
  /** The token's public id. */
  readonly tokenId: string;
  /** The first column that differs, or `secrets`; null where the row as a whole does. */
  readonly field: string | null;
}

/** Later than any row. */
const END_OF_TIME = new Date(8.64e15);

/** Compares a tenant's tokens with what its entries say, for one part of them. */
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

  /** Takes in the next entry of the chain. */
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
   * The first token that is not what the entries said, once all of them are taken in.
   *
   * @param isPruned whether the chain's first entries were removed
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

/** The first column of a token whose row is not what its entries say, or null. */
export function differingField(
  replay: TokenReplay,
  token: CheckedToken,
  trailBegan: Date | null,
): string | null {
  for (const [field, expected] of replay.fields) {
    if (JSON.stringify(shown(token[field])) !== JSON.stringify(shown(expected))) return field;
  }
  return secretsDiffer(replay, token, trailBegan) ? 'secrets' : null;
}

/** Whether a token was made before the first entry that is left, so that none need tell of it. */
export function isOlder(createdAt: Date, trailBegan: Date | null): boolean {
  return trailBegan !== null && createdAt < trailBegan;
}

function secretsDiffer(
  { secrets, isWhole }: TokenReplay,
  { secrets: rows }: CheckedToken,
  trailBegan: Date | null,
): boolean {
  const known = new Set(secrets.all.map(({ lookup_id }) => lookup_id));
  const unmatched = new Set(rows);
  for (const expected of secrets.all) {
    const row = rows.find((candidate) =>
      expected.lookup_id === undefined
        ? unmatched.has(candidate) && !known.has(candidate.lookup_id) && isRow(expected, candidate)
        : candidate.lookup_id === expected.lookup_id,
    );
    if (!row || !unmatched.delete(row) || !isRow(expected, row)) return true;
  }
  // What is left can only be of before the trail's beginning, and no longer in use where that is known.
  return [...unmatched].some(
    (row) =>
      isWhole ||
      !isOlder(new Date(`${row.created_at}Z`), trailBegan) ||
      (secrets.isCurrentKnown && row.retired_at === null),
  );
}

function isRow(expected: ExpectedSecret, row: SecretRow): boolean {
  return (
    (expected.format === undefined || expected.format === row.format) &&
    (expected.created_at === undefined || expected.created_at === instant(row.created_at)) &&
    expected.expires_at === instant(row.expires_at) &&
    expected.retired_at === instant(row.retired_at) &&
    (expected.former_expires_at === undefined ||
      expected.former_expires_at === instant(row.former_expires_at))
  );
}

/** A time as the API shows it; one that JavaScript has not, such as infinity, as it is. */
function instant(text: string | null): string | null {
  if (text === null) return null;
  const time = new Date(`${text}Z`);
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}

function shown(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'number' ? String(value) : value;
}
