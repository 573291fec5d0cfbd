import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Failed checks of tokens, counted by the hour. */
export class CreateAuthFailures1764015000000 implements MigrationInterface {
  readonly name = 'CreateAuthFailures1764015000000';

  async up(runner: QueryRunner): Promise<void> {
    const { failures } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`
      CREATE TABLE ${failures} (
        tenant_id varchar(255) NOT NULL,
        hour timestamptz(3) NOT NULL,
        token_id uuid NOT NULL,
        reason varchar(32) NOT NULL,
        hint varchar(32) NOT NULL,
        count bigint NOT NULL,
        last_at timestamptz(3) NOT NULL,
        last_ip varchar(64),
        CONSTRAINT pk_scim_token_auth_failures PRIMARY KEY (tenant_id, hour, token_id, reason, hint)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { failures } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`DROP TABLE ${failures}`);
  }
}
