import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { runMigrations } from '../../src/database/migrate';
import { runHere } from '../support/command';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';

describe('The command database distribute', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createEmptyDatabase();
    await runMigrations(database.directUrl);
  });
  afterAll(() => database.drop());

  const distribute = (...args: string[]) =>
    runHere(['database', 'distribute', ...args], { DATABASE_URL: database.directUrl });

  it.each([[[]], [['--check']]])(
    'with %j says that the extension is missing, and changes nothing',
    async (args) => {
      expect(await distribute(...args)).toEqual({
        code: 1,
        stdout: '',
        stderr: expect.stringMatching(
          /^This PostgreSQL has no extension "citus": CREATE EXTENSION citus in this database/,
        ),
      });
      expect(await uniqueOverAllTenants()).toBe(true);
    },
  );

  it('says so where there is no database', async () => {
    const none = { DATA_DIR: join(tmpdir(), 'scim-tokens-no-database') };
    expect(await runHere(['database', 'distribute'], none)).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^There is no database: DATABASE_URL is not set, and /),
    });
  });

  it('takes no option but --check', async () => {
    expect(await distribute('--force')).toMatchObject({ code: 2 });
  });

  async function uniqueOverAllTenants(): Promise<boolean> {
    const sql = new Client(database.directUrl);
    await sql.connect();
    const { rows } = await sql.query(
      `SELECT FROM pg_indexes WHERE indexname = 'uq_all_scim_token_secrets_lookup_id'`,
    );
    await sql.end();
    return rows.length === 1;
  }
});
