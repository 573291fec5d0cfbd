import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Where a tenant's trail begins once its old events have been removed. */
export class AuditCheckpoints1764030000000 implements MigrationInterface {
  readonly name = 'AuditCheckpoints1764030000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tenants } = qualifiedTables(dataSourceOf(runner));
    await runner.query(
      `ALTER TABLE ${tenants} ADD COLUMN checkpoint_seq bigint, ADD COLUMN checkpoint_hash varchar(64)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tenants } = qualifiedTables(dataSourceOf(runner));
    await runner.query(
      `ALTER TABLE ${tenants} DROP COLUMN checkpoint_seq, DROP COLUMN checkpoint_hash`,
    );
  }
}
