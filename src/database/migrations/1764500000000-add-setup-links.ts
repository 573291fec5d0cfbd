import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf, qualifiedTables } from '../table-names';

/** Links by which a customer's IT contact makes or renews one token. */
export class AddSetupLinks1764500000000 implements MigrationInterface {
  readonly name = 'AddSetupLinks1764500000000';

  async up(runner: QueryRunner): Promise<void> {
    const { setupLinks: table, setupFailures } = qualifiedTables(dataSourceOf(runner));
    // No foreign key: a link outlives its token, and tells what became of it.
    await runner.query(`CREATE TABLE ${table} (
      tenant_id varchar(255) NOT NULL,
      id uuid NOT NULL,
      lookup_id varchar(64) NOT NULL,
      value_hash varchar(64) NOT NULL,
      provider varchar(64),
      auth_method varchar(32),
      token_id uuid,
      bounds jsonb NOT NULL,
      language varchar(8),
      return_url text,
      expires_at timestamptz(3) NOT NULL,
      created_at timestamptz(3) NOT NULL,
      created_by varchar(255) NOT NULL,
      opened_at timestamptz(3),
      used_at timestamptz(3),
      completed_at timestamptz(3),
      revoked_at timestamptz(3),
      revoked_by varchar(255),
      made_token_id uuid,
      value_made_at timestamptz(3),
      connected_at timestamptz(3),
      synced_at timestamptz(3),
      CONSTRAINT pk_scim_token_setup_links PRIMARY KEY (tenant_id, id)
    )`);
    for (const statement of [
      // The tenant comes second: a secret that belongs elsewhere is found by its lookup id alone.
      `CREATE UNIQUE INDEX uq_scim_token_setup_links_lookup_id ON ${table} (lookup_id, tenant_id)`,
      `CREATE UNIQUE INDEX uq_all_scim_token_setup_links_lookup_id ON ${table} (lookup_id)`,
      // Time-ordered: lists over all tenants.
      `CREATE INDEX ix_scim_token_setup_links_id ON ${table} (id)`,
      `CREATE INDEX ix_scim_token_setup_links_expires ON ${table} (expires_at)`,
      // Few: looked at whenever uses and failures are written.
      `CREATE INDEX ix_scim_token_setup_links_watched ON ${table} (tenant_id)
        WHERE value_made_at IS NOT NULL AND synced_at IS NULL AND revoked_at IS NULL`,
    ]) {
      await runner.query(statement);
    }
    await runner.query(`CREATE TABLE ${setupFailures} (
      tenant_id varchar(255) NOT NULL,
      link_id uuid NOT NULL,
      hint varchar(32) NOT NULL,
      value_made_at timestamptz(3) NOT NULL,
      count bigint NOT NULL,
      first_at timestamptz(3) NOT NULL,
      last_at timestamptz(3) NOT NULL,
      last_claims jsonb,
      CONSTRAINT pk_scim_token_setup_failures PRIMARY KEY (tenant_id, link_id, hint),
      CONSTRAINT fk_scim_token_setup_failures_link FOREIGN KEY (tenant_id, link_id)
        REFERENCES ${table} (tenant_id, id) ON DELETE CASCADE
    ) WITH (fillfactor = 80)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const { setupLinks, setupFailures } = qualifiedTables(dataSourceOf(runner));
    await runner.query(`DROP TABLE ${setupFailures}, ${setupLinks}`);
  }
}
