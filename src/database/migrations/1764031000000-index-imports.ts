import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** Says at once whether there is any imported secret, and which tokens were revoked long ago. */
export class IndexImports1764031000000 implements MigrationInterface {
  readonly name = 'IndexImports1764031000000';

  async up(runner: QueryRunner): Promise<void> {
    const { secrets, tokens } = qualifiedTables(dataSourceOf(runner));
    await runner.query(
      `CREATE INDEX ix_scim_token_secrets_imported ON ${secrets} (id) WHERE format = 'sha256'`,
    );
    await runner.query(
      `CREATE INDEX ix_scim_tokens_revoked ON ${tokens} (revoked_at) WHERE revoked_at IS NOT NULL`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    const { secrets } = qualifiedTables(dataSourceOf(runner));
    const schema = secrets.slice(0, secrets.lastIndexOf('.') + 1);
    await runner.query(`DROP INDEX ${schema}ix_scim_tokens_revoked`);
    await runner.query(`DROP INDEX ${schema}ix_scim_token_secrets_imported`);
  }
}
