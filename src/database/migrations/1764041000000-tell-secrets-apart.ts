import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/**
 * What is known of a secret is kept with it: that its value turned up, and how its value begins where a
 * rotation was taken back. Of former ones the audit trail tells.
 */
export class TellSecretsApart1764041000000 implements MigrationInterface {
  readonly name = 'TellSecretsApart1764041000000';

  async up(runner: QueryRunner): Promise<void> {
    const { events, secrets } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`ALTER TABLE ${secrets} ADD COLUMN leaked_at timestamptz(3)`);
    await runner.query(
      `UPDATE ${secrets} s SET leaked_at = e.at
       FROM (SELECT token_id, changes #>> '{last_four,to}' AS last_four, min(at) AS at FROM ${events}
             WHERE type = 'scim_token.leaked' GROUP BY 1, 2) e
       WHERE e.token_id = s.token_id AND e.last_four = coalesce(s.last_four, e.last_four)`,
    );
    await runner.query(
      `UPDATE ${secrets} s SET former_token_prefix = e.visible
       FROM (SELECT token_id, changes #>> '{token_prefix,to}' AS visible FROM ${events}
             WHERE type = 'scim_token.rotated') e
       WHERE e.token_id = s.token_id AND s.format = 'native' AND s.retired_at IS NOT NULL
         AND s.former_token_prefix IS NULL AND split_part(e.visible, '_', 2) = s.lookup_id`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { secrets } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`ALTER TABLE ${secrets} DROP COLUMN leaked_at`);
    // Those that were taken back alone have no former expiry.
    await runner.query(
      `UPDATE ${secrets} SET former_token_prefix = NULL
       WHERE retired_at IS NOT NULL AND former_expires_at IS NULL`,
    );
  }
}
