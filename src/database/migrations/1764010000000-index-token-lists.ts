import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOf } from '../data-source-of';
import { qualifiedTables } from '../table-names';

/** The list's orders by name and by expiry, within a tenant and over all, revoked tokens apart. */
const INDEXES = ['name', 'expires'].flatMap((order) =>
  ['tenant_', ''].flatMap((tenant) =>
    ['', '_revoked'].map((revoked) => ({
      name: `ix_scim_tokens_${tenant}${order}${revoked}`,
      columns: `${tenant && 'tenant_id, '}${order === 'name' ? 'name' : 'expires_at'}, id`,
      where: `revoked_at IS ${revoked ? 'NOT NULL' : 'NULL'}`,
    })),
  ),
);

/** Lets the list be read in any of its orders without a sort. */
export class IndexTokenLists1764010000000 implements MigrationInterface {
  readonly name = 'IndexTokenLists1764010000000';

  async up(runner: QueryRunner): Promise<void> {
    const { tokens } = qualifiedTables(dataSourceOf(runner));
    for (const { name, columns, where } of INDEXES) {
      await runner.query(`CREATE INDEX ${name} ON ${tokens} (${columns}) WHERE ${where}`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    const { tokens } = qualifiedTables(dataSourceOf(runner));
    const schema = tokens.slice(0, tokens.lastIndexOf('.') + 1);
    for (const { name } of INDEXES) await runner.query(`DROP INDEX ${schema}${name}`);
  }
}
