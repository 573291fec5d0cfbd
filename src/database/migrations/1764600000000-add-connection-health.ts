import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf, qualifiedTables } from '../table-names';

/** A token may say which identity provider holds it, and shows whether that one still comes. */
export class AddConnectionHealth1764600000000 implements MigrationInterface {
  readonly name = 'AddConnectionHealth1764600000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tokens, usage, secrets, scan } = qualifiedTables(dataSourceOf(runner));
    for (const statement of [
      `ALTER TABLE ${tokens}
        ADD COLUMN provider varchar(64),
        ADD COLUMN quiet_after_hours integer,
        ADD COLUMN health_state varchar(16),
        ADD COLUMN health_since timestamptz(3),
        ADD COLUMN live_since timestamptz(3)`,
      `ALTER TABLE ${usage}
        ADD COLUMN first_used_at timestamptz(3),
        ADD COLUMN failing_since timestamptz(3),
        ADD COLUMN last_failure_hint varchar(32)`,
      `ALTER TABLE ${tokens} ADD CONSTRAINT ck_scim_tokens_health_state
       CHECK (health_state IN ('failing', 'quiet'))`,
      // What the scan looks through each time, over all tenants.
      `CREATE INDEX ix_scim_tokens_watched ON ${tokens} (tenant_id, id)
       WHERE revoked_at IS NULL AND (health_state IS NOT NULL OR quiet_after_hours IS NOT NULL)`,
      `CREATE INDEX ix_scim_token_usage_failing ON ${usage} (tenant_id, token_id)
       WHERE failing_since IS NOT NULL`,
      `UPDATE ${usage} u SET first_used_at = coalesce(s.first_used_at, u.last_used_at)
       FROM (SELECT tenant_id, token_id, min(first_used_at) AS first_used_at
             FROM ${secrets} GROUP BY tenant_id, token_id) s
       WHERE s.tenant_id = u.tenant_id AND s.token_id = u.token_id`,
      `UPDATE ${usage} SET first_used_at = last_used_at WHERE first_used_at IS NULL`,
      // One row, of no tenant: it has the column that the tables are distributed by.
      `CREATE TABLE ${scan} (
        tenant_id varchar(255) NOT NULL,
        running_since timestamptz(3) NOT NULL,
        last_run_at timestamptz(3) NOT NULL,
        CONSTRAINT pk_scim_token_scan PRIMARY KEY (tenant_id)
      )`,
    ]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tokens, usage, scan } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`DROP TABLE ${scan}`);
    await runner.query(`ALTER TABLE ${usage}
      DROP COLUMN first_used_at,
      DROP COLUMN failing_since,
      DROP COLUMN last_failure_hint`);
    await runner.query(`ALTER TABLE ${tokens}
      DROP CONSTRAINT ck_scim_tokens_health_state,
      DROP COLUMN provider,
      DROP COLUMN quiet_after_hours,
      DROP COLUMN health_state,
      DROP COLUMN health_since,
      DROP COLUMN live_since`);
  }
}
