import type { QueryRunner } from 'typeorm';
import { TooManyActiveTokensError } from '../core/errors';
import type { QualifiedTables } from '../database/table-names';
import { endOf } from '../database/token-columns';

/** Rows inserted by one statement, whose parameters PostgreSQL limits to 65,535. */
const ROWS_AT_A_TIME = 500;

/** Which access tokens of a token. */
export interface AccessTokens {
  readonly tokenId: string;
  /** Those that this secret got; all without it. */
  readonly secretId?: string;
  /** The one whose value has this SHA-256 in hex; all without it. */
  readonly valueHash?: string;
}

/** A tenant whose row this transaction holds: the statements that its tokens are read and written by. */
export class LockedTenant {
  /** @param now the time of all that is written here, taken under the lock */
  constructor(
    private readonly runner: QueryRunner,
    readonly tables: QualifiedTables,
    readonly tenantId: string,
    readonly now: Date,
  ) {}

  /** Runs a statement and returns its rows. */
  async rows<Row>(sql: string, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.runner.query(sql, [...parameters], true)).records as Row[];
  }

  /** Runs a statement that changes one row: under the lock nothing else can have changed what was read. */
  async changeOne(sql: string, parameters: readonly unknown[]): Promise<void> {
    const { affected } = await this.runner.query(sql, [...parameters], true);
    mustBe(affected === 1);
  }

  /** Inserts the columns of these rows. */
  async insert<Column extends string>(
    table: string,
    columns: readonly Column[],
    rows: readonly Readonly<Record<Column, unknown>>[],
  ): Promise<void> {
    for (let start = 0; start < rows.length; start += ROWS_AT_A_TIME) {
      const parameters: unknown[] = [];
      const values = rows
        .slice(start, start + ROWS_AT_A_TIME)
        .map((row) => `(${columns.map((column) => `$${parameters.push(row[column])}`).join(',')})`);
      await this.rows(
        `INSERT INTO ${table} (${columns.join(',')}) VALUES ${values.join(',')}`,
        parameters,
      );
    }
  }

  /** Deletes access tokens, those too that are being stored: whoever does that holds the token's row. */
  protected async deleteAccessTokens({
    tokenId,
    secretId,
    valueHash,
  }: AccessTokens): Promise<number> {
    const { tokens, accessTokens } = this.tables;
    // A statement of its own: what it has waited for, the next one sees.
    await this.rows(`SELECT FROM ${tokens} WHERE tenant_id = $1 AND id = $2 FOR NO KEY UPDATE`, [
      this.tenantId,
      tokenId,
    ]);
    const deleted = await this.rows(
      `DELETE FROM ${accessTokens} WHERE tenant_id = $1 AND token_id = $2
         AND ($3::uuid IS NULL OR secret_id = $3) AND ($4::text IS NULL OR value_hash = $4)
       RETURNING id`,
      [this.tenantId, tokenId, secretId ?? null, valueHash ?? null],
    );
    return deleted.length;
  }

  /** How many of the tenant's tokens are neither revoked nor expired; disabled ones count. */
  async countActive(): Promise<number> {
    const [row] = await this.rows<{ count: number }>(
      `SELECT count(*)::int AS count FROM ${this.tables.tokens} t
       WHERE tenant_id = $1 AND revoked_at IS NULL AND ${endOf('t')} > $2`,
      [this.tenantId, this.now],
    );
    return row?.count ?? 0;
  }

  /**
   * Sees to it that the tenant may have one more active token.
   *
   * @throws TooManyActiveTokensError
   */
  async requireRoom(maxActive: number): Promise<void> {
    if ((await this.countActive()) >= maxActive) throw new TooManyActiveTokensError(maxActive);
  }
}

/** What was read under the lock must still be so: if it is not, nothing is done. */
export function mustBe(done: boolean): void {
  if (!done) throw new Error('A token changed under its tenant lock');
}
