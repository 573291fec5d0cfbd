import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Notices on their way out, and how far each token's expiry has been announced. */
export class CreateOutbox1764020000000 implements MigrationInterface {
  readonly name = 'CreateOutbox1764020000000';

  async up(runner: QueryRunner): Promise<void> {
    const { outbox, tokens } = qualifiedTables(dataSourceOf(runner));
    // Rewritten with each try: room in each page keeps the updates in place.
    await runner.query(`
      CREATE TABLE ${outbox} (
        notice_id uuid NOT NULL,
        target varchar(16) NOT NULL,
        type varchar(64) NOT NULL,
        body text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        tries integer NOT NULL,
        next_try_at timestamptz(3) NOT NULL,
        last_error varchar(200),
        dead_at timestamptz(3),
        CONSTRAINT pk_scim_token_outbox PRIMARY KEY (notice_id, target),
        CONSTRAINT ck_scim_token_outbox_target CHECK (target IN ('webhook', 'listener'))
      ) WITH (fillfactor = 80)`);
    await runner.query(
      `CREATE INDEX ix_scim_token_outbox_due ON ${outbox} (target, next_try_at) WHERE dead_at IS NULL`,
    );
    await runner.query(`
      ALTER TABLE ${tokens}
        ADD COLUMN expiry_set_at timestamptz(3),
        ADD COLUMN announced_expires_at timestamptz(3),
        ADD COLUMN announced_days smallint`);
    await runner.query(
      `CREATE INDEX ix_scim_tokens_unannounced ON ${tokens} (expires_at)
       WHERE revoked_at IS NULL AND (announced_days IS DISTINCT FROM 0 OR announced_expires_at IS DISTINCT FROM expires_at)`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { outbox, tokens } = qualifiedTables(dataSourceOf(runner));
    // Its index goes with the columns.
    await runner.query(`
      ALTER TABLE ${tokens}
        DROP COLUMN expiry_set_at, DROP COLUMN announced_expires_at, DROP COLUMN announced_days`);
    await runner.query(`DROP TABLE ${outbox}`);
  }
}
