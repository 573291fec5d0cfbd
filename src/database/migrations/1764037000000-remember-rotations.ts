import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Tells from a token's own row whether it is being rotated: looking for its secrets cost every read a join. */
export class RememberRotations1764037000000 implements MigrationInterface {
  readonly name = 'RememberRotations1764037000000';

  async up(runner: QueryRunner): Promise<void> {
    const { secrets, tokens } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`ALTER TABLE ${tokens} ADD COLUMN rotation_ends_at timestamptz(3)`);
    await runner.query(
      `UPDATE ${tokens} t SET rotation_ends_at = p.expires_at FROM ${secrets} p
       WHERE p.token_id = t.id AND p.expires_at IS NOT NULL AND p.retired_at IS NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tokens } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`ALTER TABLE ${tokens} DROP COLUMN rotation_ends_at`);
  }
}
