import { DataSource } from 'typeorm';
import { CreateScimResources1764100000000 } from '../../examples/scim-server/src/database/migrations/1764100000000-create-scim-resources';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';

const TABLES = ['scim_group_members', 'scim_groups', 'scim_resource_counts', 'scim_users'];

describe("The SCIM server's migrations", () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    source = await new DataSource({
      type: 'postgres',
      url: database.url,
      migrations: [CreateScimResources1764100000000],
    }).initialize();
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  const relations = async (): Promise<string[]> =>
    (
      await source.query<{ name: string }[]>(
        `SELECT relname AS name FROM pg_class
         WHERE relnamespace = 'public'::regnamespace AND relname LIKE 'scim%' ORDER BY 1`,
      )
    ).map(({ name }) => name);
  /** Columns, constraints and indexes. */
  const schema = (): Promise<unknown[]> =>
    source.query<unknown[]>(
      `SELECT c.relname, a.attname AS part, format_type(a.atttypid, a.atttypmod) AS definition, a.attnotnull AS needed
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
       WHERE c.relname = ANY($1) AND a.attnum > 0 AND NOT a.attisdropped
       UNION ALL
       SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL
       FROM pg_constraint WHERE conrelid::regclass::text = ANY($1)
       UNION ALL
       SELECT tablename, indexname, indexdef, NULL FROM pg_indexes WHERE tablename = ANY($1)
       ORDER BY 1, 2, 3`,
      [TABLES],
    );

  it('go down to nothing, and up again to the same schema', async () => {
    await source.runMigrations();
    expect(await relations()).toEqual(expect.arrayContaining(TABLES));
    const first = await schema();
    await source.undoLastMigration();
    expect(await relations()).toEqual([]);
    await source.runMigrations();
    expect(await schema()).toEqual(first);
    expect(first.length).toBeGreaterThan(30);
  });

  it('make an index for each look-up that providers do', async () => {
    const rows = await source.query<{ definition: string }[]>(
      `SELECT substring(indexdef FROM 'public\\..*') AS definition FROM pg_indexes
       WHERE tablename = ANY($1) AND indexname NOT LIKE '%pkey' ORDER BY 1`,
      [TABLES],
    );
    expect(rows.map(({ definition }) => definition)).toEqual([
      'public.scim_group_members USING btree (tenant_id, member_id)',
      'public.scim_groups USING btree (tenant_id, display_name_key)',
      'public.scim_groups USING btree (tenant_id, external_id)',
      'public.scim_users USING btree (tenant_id, external_id)',
      'public.scim_users USING btree (tenant_id, user_name_key)',
      'public.scim_users USING gin (email_keys)',
    ]);
  });
});
