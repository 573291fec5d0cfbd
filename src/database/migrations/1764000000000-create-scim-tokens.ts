import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Tokens, their secrets, the tenants' counters and chain heads, the audit trail, and usage. */
export class CreateScimTokens1764000000000 implements MigrationInterface {
  readonly name = 'CreateScimTokens1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    const t = qualifiedTables(dataSourceOf(runner));
    await runner.query(`
      CREATE TABLE ${t.tokens} (
        id uuid NOT NULL,
        tenant_id varchar(255) NOT NULL,
        name varchar(255) NOT NULL,
        description varchar(1000),
        token_prefix varchar(64),
        last_four varchar(4),
        scopes text[] NOT NULL,
        allowed_ips text[] NOT NULL,
        enabled boolean NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        created_by varchar(255) NOT NULL,
        revoked_at timestamptz(3),
        revoked_by varchar(255),
        revocation_reason varchar(1000),
        version integer NOT NULL,
        CONSTRAINT pk_scim_tokens PRIMARY KEY (id),
        CONSTRAINT ck_scim_tokens_scopes CHECK (cardinality(scopes) > 0)
      )`);
    await runner.query(
      `CREATE INDEX ix_scim_tokens_tenant_created ON ${t.tokens} (tenant_id, created_at, id) WHERE revoked_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_tokens_created ON ${t.tokens} (created_at, id) WHERE revoked_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_tokens_tenant_created_revoked ON ${t.tokens} (tenant_id, created_at, id) WHERE revoked_at IS NOT NULL`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_tokens_created_revoked ON ${t.tokens} (created_at, id) WHERE revoked_at IS NOT NULL`,
    );

    await runner.query(`
      CREATE TABLE ${t.secrets} (
        id uuid NOT NULL,
        token_id uuid NOT NULL,
        format varchar(16) NOT NULL,
        lookup_id varchar(64) NOT NULL,
        secret_hash varchar(60),
        secret_mac varchar(64),
        pepper_id varchar(16),
        last_four varchar(4),
        created_at timestamptz(3) NOT NULL,
        first_used_at timestamptz(3),
        last_used_at timestamptz(3),
        expires_at timestamptz(3),
        retired_at timestamptz(3),
        CONSTRAINT pk_scim_token_secrets PRIMARY KEY (id),
        CONSTRAINT fk_scim_token_secrets_token FOREIGN KEY (token_id) REFERENCES ${t.tokens} (id) ON DELETE CASCADE,
        CONSTRAINT ck_scim_token_secrets_format CHECK (format IN ('native', 'sha256')),
        CONSTRAINT ck_scim_token_secrets_hash CHECK (format <> 'native' OR secret_hash IS NOT NULL)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX uq_scim_token_secrets_lookup_id ON ${t.secrets} (lookup_id)`,
    );
    await runner.query(
      `CREATE UNIQUE INDEX uq_scim_token_secrets_current ON ${t.secrets} (token_id) WHERE expires_at IS NULL AND retired_at IS NULL`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_token_secrets_token ON ${t.secrets} (token_id, created_at)`,
    );

    await runner.query(`
      CREATE TABLE ${t.tenants} (
        tenant_id varchar(255) NOT NULL,
        seq bigint NOT NULL,
        head_hash varchar(64) NOT NULL,
        listed_count integer NOT NULL,
        CONSTRAINT pk_scim_token_tenants PRIMARY KEY (tenant_id)
      )`);

    await runner.query(`
      CREATE TABLE ${t.events} (
        id uuid NOT NULL,
        tenant_id varchar(255) NOT NULL,
        seq bigint NOT NULL,
        token_id uuid,
        type varchar(64) NOT NULL,
        actor varchar(255),
        ip varchar(64),
        user_agent varchar(512),
        request_id varchar(128),
        at timestamptz(3) NOT NULL,
        changes jsonb NOT NULL,
        prev_hash varchar(64) NOT NULL,
        hash varchar(64) NOT NULL,
        CONSTRAINT pk_scim_token_events PRIMARY KEY (id)
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX uq_scim_token_events_tenant_seq ON ${t.events} (tenant_id, seq)`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_token_events_token_seq ON ${t.events} (token_id, seq)`,
    );

    // Rewritten often: room in each page keeps the updates in place (HOT).
    await runner.query(`
      CREATE TABLE ${t.usage} (
        token_id uuid NOT NULL,
        last_used_at timestamptz(3),
        last_used_ip varchar(64),
        last_used_user_agent varchar(512),
        last_failure_at timestamptz(3),
        last_failure_reason varchar(32),
        CONSTRAINT pk_scim_token_usage PRIMARY KEY (token_id),
        CONSTRAINT fk_scim_token_usage_token FOREIGN KEY (token_id) REFERENCES ${t.tokens} (id) ON DELETE CASCADE
      ) WITH (fillfactor = 80)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    const t = qualifiedTables(dataSourceOf(runner));
    for (const table of [t.usage, t.events, t.tenants, t.secrets, t.tokens]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}
