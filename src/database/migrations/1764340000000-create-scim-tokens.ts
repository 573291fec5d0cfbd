import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf, qualifiedTables, type QualifiedTables } from '../table-names';

const LISTED = 'revoked_at IS NULL';
const REVOKED = 'revoked_at IS NOT NULL';

/** Lists are read in each of their orders without a sort, within a tenant and over all, revoked tokens apart. */
const LISTS = (['created_at', 'name', 'expires_at'] as const).flatMap((column) =>
  ['tenant_', ''].flatMap((tenant) =>
    [LISTED, REVOKED].map((where) => ({
      name: `ix_scim_tokens_${tenant}${column.replace('_at', '')}${where === REVOKED ? '_revoked' : ''}`,
      columns: `${tenant && 'tenant_id, '}${column}, id`,
      where,
    })),
  ),
);

/**
 * Our tables. Each names the tenant, first in its primary key, so that they can be distributed by it. What
 * is unique or looked for over all tenants has an index of its own: `uq_all_…` is left out where the tables
 * are distributed.
 */
export class CreateScimTokens1764340000000 implements MigrationInterface {
  readonly name = 'CreateScimTokens1764340000000';

  async up(runner: QueryRunner): Promise<void> {
    const tables = qualifiedTables(dataSourceOf(runner));
    for (const statement of [
      ...tokens(tables),
      ...secrets(tables),
      ...trail(tables),
      ...counts(tables),
    ]) {
      await runner.query(statement);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const t = qualifiedTables(dataSourceOf(runner));
    for (const table of [t.outbox, t.failures, t.usage, t.events, t.tenants, t.secrets, t.tokens]) {
      await runner.query(`DROP TABLE ${table}`);
    }
  }
}

function tokens({ tokens: table }: QualifiedTables): string[] {
  return [
    `CREATE TABLE ${table} (
      tenant_id varchar(255) NOT NULL,
      id uuid NOT NULL,
      name varchar(255) NOT NULL,
      description varchar(1000),
      token_prefix varchar(64),
      last_four varchar(4),
      scopes text[] NOT NULL,
      allowed_ips text[] NOT NULL,
      allowed_ips_mode varchar(8) NOT NULL DEFAULT 'enforce',
      enabled boolean NOT NULL,
      expires_at timestamptz(3) NOT NULL,
      created_at timestamptz(3) NOT NULL,
      updated_at timestamptz(3) NOT NULL,
      created_by varchar(255) NOT NULL,
      revoked_at timestamptz(3),
      revoked_by varchar(255),
      revocation_reason varchar(1000),
      version integer NOT NULL,
      rotation_ends_at timestamptz(3),
      expiry_set_at timestamptz(3),
      announced_expires_at timestamptz(3),
      announced_days smallint,
      CONSTRAINT pk_scim_tokens PRIMARY KEY (tenant_id, id),
      CONSTRAINT ck_scim_tokens_scopes CHECK (cardinality(scopes) > 0),
      CONSTRAINT ck_scim_tokens_allowed_ips_mode CHECK (allowed_ips_mode IN ('enforce', 'report'))
    )`,
    `CREATE INDEX ix_scim_tokens_id ON ${table} (id)`,
    ...LISTS.map(
      ({ name, columns, where }) => `CREATE INDEX ${name} ON ${table} (${columns}) WHERE ${where}`,
    ),
    `CREATE INDEX ix_scim_tokens_unannounced ON ${table} (expires_at)
     WHERE ${LISTED} AND (announced_days IS DISTINCT FROM 0 OR announced_expires_at IS DISTINCT FROM expires_at)`,
    `CREATE INDEX ix_scim_tokens_revoked ON ${table} (revoked_at) WHERE ${REVOKED}`,
  ];
}

function secrets({ secrets: table, tokens: token }: QualifiedTables): string[] {
  return [
    `CREATE TABLE ${table} (
      tenant_id varchar(255) NOT NULL,
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
      former_expires_at timestamptz(3),
      former_token_prefix varchar(64),
      stalled_at timestamptz(3),
      leaked_at timestamptz(3),
      CONSTRAINT pk_scim_token_secrets PRIMARY KEY (tenant_id, id),
      CONSTRAINT fk_scim_token_secrets_token FOREIGN KEY (tenant_id, token_id)
        REFERENCES ${token} (tenant_id, id) ON DELETE CASCADE,
      CONSTRAINT ck_scim_token_secrets_format CHECK (format IN ('native', 'sha256')),
      CONSTRAINT ck_scim_token_secrets_hash CHECK (format <> 'native' OR secret_hash IS NOT NULL)
    )`,
    // The tenant comes second: a value that belongs elsewhere is found by its lookup id alone.
    `CREATE UNIQUE INDEX uq_scim_token_secrets_lookup_id ON ${table} (lookup_id, tenant_id)`,
    `CREATE UNIQUE INDEX uq_all_scim_token_secrets_lookup_id ON ${table} (lookup_id)`,
    `CREATE UNIQUE INDEX uq_scim_token_secrets_current ON ${table} (tenant_id, token_id)
     WHERE expires_at IS NULL AND retired_at IS NULL`,
    `CREATE UNIQUE INDEX uq_scim_token_secrets_previous ON ${table} (tenant_id, token_id)
     WHERE expires_at IS NOT NULL AND retired_at IS NULL`,
    `CREATE INDEX ix_scim_token_secrets_token ON ${table} (tenant_id, token_id, created_at)`,
    `CREATE INDEX ix_scim_token_secrets_imported ON ${table} (tenant_id) WHERE format = 'sha256'`,
  ];
}

/** The tenants' counters and chain heads, the audit trail, and the events on their way out. */
function trail({ tenants, events, outbox }: QualifiedTables): string[] {
  return [
    `CREATE TABLE ${tenants} (
      tenant_id varchar(255) NOT NULL,
      seq bigint NOT NULL,
      head_hash varchar(64) NOT NULL,
      listed_count integer NOT NULL,
      checkpoint_seq bigint,
      checkpoint_hash varchar(64),
      CONSTRAINT pk_scim_token_tenants PRIMARY KEY (tenant_id)
    )`,
    `CREATE TABLE ${events} (
      tenant_id varchar(255) NOT NULL,
      id uuid NOT NULL,
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
      CONSTRAINT pk_scim_token_events PRIMARY KEY (tenant_id, id)
    )`,
    `CREATE UNIQUE INDEX uq_scim_token_events_tenant_seq ON ${events} (tenant_id, seq)`,
    `CREATE INDEX ix_scim_token_events_token_seq ON ${events} (token_id, seq)`,
    // Rewritten with each try: room in each page keeps the updates in place.
    `CREATE TABLE ${outbox} (
      tenant_id varchar(255) NOT NULL,
      event_id uuid NOT NULL,
      target varchar(16) NOT NULL,
      type varchar(64) NOT NULL,
      body text NOT NULL,
      created_at timestamptz(3) NOT NULL,
      tries integer NOT NULL,
      next_try_at timestamptz(3) NOT NULL,
      last_error varchar(200),
      dead_at timestamptz(3),
      CONSTRAINT pk_scim_token_outbox PRIMARY KEY (tenant_id, event_id, target),
      CONSTRAINT ck_scim_token_outbox_target CHECK (target IN ('webhook', 'listener'))
    ) WITH (fillfactor = 80)`,
    `CREATE INDEX ix_scim_token_outbox_due ON ${outbox} (target, next_try_at) WHERE dead_at IS NULL`,
  ];
}

/** Uses, and failed checks by the hour. */
function counts({ usage, failures, tokens: token }: QualifiedTables): string[] {
  return [
    // Rewritten often: room in each page keeps the updates in place (HOT).
    `CREATE TABLE ${usage} (
      tenant_id varchar(255) NOT NULL,
      token_id uuid NOT NULL,
      last_used_at timestamptz(3),
      last_used_ip varchar(64),
      last_used_user_agent varchar(512),
      last_failure_at timestamptz(3),
      last_failure_reason varchar(32),
      ip_refused bigint,
      ip_refused_last_ip varchar(64),
      ip_refused_last_at timestamptz(3),
      CONSTRAINT pk_scim_token_usage PRIMARY KEY (tenant_id, token_id),
      CONSTRAINT fk_scim_token_usage_token FOREIGN KEY (tenant_id, token_id)
        REFERENCES ${token} (tenant_id, id) ON DELETE CASCADE
    ) WITH (fillfactor = 80)`,
    `CREATE TABLE ${failures} (
      tenant_id varchar(255) NOT NULL,
      hour timestamptz(3) NOT NULL,
      token_id uuid NOT NULL,
      reason varchar(32) NOT NULL,
      hint varchar(32) NOT NULL,
      count bigint NOT NULL,
      last_at timestamptz(3) NOT NULL,
      last_ip varchar(64),
      reported_count bigint NOT NULL DEFAULT 0,
      CONSTRAINT pk_scim_token_auth_failures PRIMARY KEY (tenant_id, hour, token_id, reason, hint)
    )`,
    `CREATE INDEX ix_scim_token_auth_failures_unreported ON ${failures} (hour) WHERE count > reported_count`,
  ];
}
