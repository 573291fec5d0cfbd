import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** What a rotation needs to be taken back and watched, and what report mode counts. */
export class AddRotation1764035000000 implements MigrationInterface {
  readonly name = 'AddRotation1764035000000';

  async up(runner: QueryRunner): Promise<void> {
    const { failures, secrets, tokens, usage } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`
      ALTER TABLE ${secrets}
        ADD COLUMN former_expires_at timestamptz(3),
        ADD COLUMN former_token_prefix varchar(64),
        ADD COLUMN stalled_at timestamptz(3)`);
    await runner.query(
      `CREATE UNIQUE INDEX uq_scim_token_secrets_previous ON ${secrets} (token_id)
       WHERE expires_at IS NOT NULL AND retired_at IS NULL`,
    );
    await runner.query(`
      ALTER TABLE ${tokens}
        ADD COLUMN allowed_ips_mode varchar(8) NOT NULL DEFAULT 'enforce',
        ADD CONSTRAINT ck_scim_tokens_allowed_ips_mode CHECK (allowed_ips_mode IN ('enforce', 'report'))`);
    await runner.query(`
      ALTER TABLE ${usage}
        ADD COLUMN ip_refused bigint,
        ADD COLUMN ip_refused_last_ip varchar(64),
        ADD COLUMN ip_refused_last_at timestamptz(3)`);
    await runner.query(
      `ALTER TABLE ${failures} ADD COLUMN reported_count bigint NOT NULL DEFAULT 0`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_token_auth_failures_unreported ON ${failures} (hour) WHERE count > reported_count`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { failures, secrets, tokens, usage } = qualifiedTables(dataSourceOf(runner));
    // Indexes and checks go with their columns, but for one whose columns stay.
    await runner.query(`ALTER TABLE ${failures} DROP COLUMN reported_count`);
    await runner.query(`
      ALTER TABLE ${usage}
        DROP COLUMN ip_refused, DROP COLUMN ip_refused_last_ip, DROP COLUMN ip_refused_last_at`);
    await runner.query(`ALTER TABLE ${tokens} DROP COLUMN allowed_ips_mode`);
    const schema = secrets.slice(0, secrets.lastIndexOf('.') + 1);
    await runner.query(`DROP INDEX ${schema}uq_scim_token_secrets_previous`);
    await runner.query(`
      ALTER TABLE ${secrets}
        DROP COLUMN former_expires_at, DROP COLUMN former_token_prefix, DROP COLUMN stalled_at`);
  }
}
