import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf, qualifiedTables, type QualifiedTables } from '../table-names';

/** When a token ends. Never comes last, and a page can begin anywhere in an index: null has no place in one. */
const END = `coalesce(expires_at, 'infinity')`;

/** The indexes of lists in the order of the tokens' ends. */
const LISTS = ['tenant_', ''].flatMap((tenant) =>
  ['', '_revoked'].map((revoked) => ({
    name: `ix_scim_tokens_${tenant}expires${revoked}`,
    tenant: tenant && 'tenant_id, ',
    where: `revoked_at IS ${revoked && 'NOT '}NULL`,
  })),
);

const METHOD_CHECKS = [
  {
    name: 'ck_scim_tokens_auth_method',
    condition: `auth_method IN ('bearer', 'client_credentials', 'workload_identity')`,
  },
  {
    name: 'ck_scim_tokens_access_token_ttl_seconds',
    condition: `(access_token_ttl_seconds IS NULL) = (auth_method = 'bearer')`,
  },
  {
    name: 'ck_scim_tokens_trust',
    condition: `(trust IS NOT NULL) = (auth_method = 'workload_identity')`,
  },
  {
    name: 'ck_scim_tokens_expires_at',
    condition: `expires_at IS NOT NULL OR auth_method = 'workload_identity'`,
  },
] as const;

/** A token says how its holder proves itself, and may have access tokens: rows of their own. */
export class AddOAuthConnections1764400000000 implements MigrationInterface {
  readonly name = 'AddOAuthConnections1764400000000';

  async up(runner: QueryRunner): Promise<void> {
    const tables = qualifiedTables(dataSourceOf(runner));
    for (const statement of [...methods(tables), ...accessTokens(tables)]) {
      await runner.query(statement);
    }
    await indexLists(runner, tables, END);
  }

  /** Only while there are no tokens of the methods that came with it. */
  async down(runner: QueryRunner): Promise<void> {
    const tables = qualifiedTables(dataSourceOf(runner));
    const { tokens, failures, accessTokens: table } = tables;
    await indexLists(runner, tables, 'expires_at');
    await runner.query(`DROP TABLE ${table}`);
    await runner.query(`ALTER TABLE ${failures} DROP COLUMN last_claims`);
    await runner.query(`ALTER TABLE ${tokens}
      DROP CONSTRAINT ck_scim_tokens_auth_method,
      DROP CONSTRAINT ck_scim_tokens_access_token_ttl_seconds,
      DROP CONSTRAINT ck_scim_tokens_trust,
      DROP CONSTRAINT ck_scim_tokens_expires_at,
      DROP COLUMN auth_method,
      DROP COLUMN access_token_ttl_seconds,
      DROP COLUMN trust,
      ALTER COLUMN expires_at SET NOT NULL`);
  }
}

function methods({ tokens, failures }: QualifiedTables): string[] {
  return [
    `ALTER TABLE ${failures} ADD COLUMN last_claims jsonb`,
    `ALTER TABLE ${tokens}
      ADD COLUMN auth_method varchar(32) NOT NULL DEFAULT 'bearer',
      ADD COLUMN access_token_ttl_seconds integer,
      ADD COLUMN trust jsonb,
      ALTER COLUMN expires_at DROP NOT NULL`,
    // One at a time, as Citus takes them.
    ...METHOD_CHECKS.map(
      ({ name, condition }) => `ALTER TABLE ${tokens} ADD CONSTRAINT ${name} CHECK (${condition})`,
    ),
  ];
}

function accessTokens({ accessTokens: table, tokens, secrets }: QualifiedTables): string[] {
  return [
    `CREATE TABLE ${table} (
      tenant_id varchar(255) NOT NULL,
      id uuid NOT NULL,
      token_id uuid NOT NULL,
      secret_id uuid,
      lookup_id varchar(64) NOT NULL,
      value_hash varchar(64) NOT NULL,
      last_four varchar(4) NOT NULL,
      scopes text[] NOT NULL,
      issued_at timestamptz(3) NOT NULL,
      expires_at timestamptz(3) NOT NULL,
      CONSTRAINT pk_scim_token_access_tokens PRIMARY KEY (tenant_id, id),
      CONSTRAINT fk_scim_token_access_tokens_token FOREIGN KEY (tenant_id, token_id)
        REFERENCES ${tokens} (tenant_id, id) ON DELETE CASCADE,
      CONSTRAINT fk_scim_token_access_tokens_secret FOREIGN KEY (tenant_id, secret_id)
        REFERENCES ${secrets} (tenant_id, id) ON DELETE CASCADE
    )`,
    // The tenant comes second: a value that belongs elsewhere is found by its lookup id alone.
    `CREATE UNIQUE INDEX uq_scim_token_access_tokens_lookup_id ON ${table} (lookup_id, tenant_id)`,
    `CREATE UNIQUE INDEX uq_all_scim_token_access_tokens_lookup_id ON ${table} (lookup_id)`,
    `CREATE INDEX ix_scim_token_access_tokens_token ON ${table} (tenant_id, token_id, issued_at)`,
    `CREATE INDEX ix_scim_token_access_tokens_expires ON ${table} (expires_at)`,
  ];
}

async function indexLists(
  runner: QueryRunner,
  { tokens }: QualifiedTables,
  by: string,
): Promise<void> {
  // An index lies in the schema of its table.
  const schema = tokens.slice(0, tokens.lastIndexOf('.') + 1);
  for (const { name, tenant, where } of LISTS) {
    await runner.query(`DROP INDEX ${schema}${name}`);
    await runner.query(`CREATE INDEX ${name} ON ${tokens} (${tenant}${by}, id) WHERE ${where}`);
  }
}
