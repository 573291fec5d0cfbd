import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import request from 'supertest';
import { DataSource, getMetadataArgsStorage } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.options';
import { isDatabaseUnavailable } from '../../src/database/database-errors';
import {
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from '../../src/service/embedded-postgres/embedded-postgres';
import { SCIM_TOKEN_MIGRATIONS } from '../../src/database/migrations';
import { runMigrations } from '../../src/database/migrate';
import { SCIM_TOKEN_ENTITIES } from '../../src/database/entities';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';
import { createEmptyDatabase } from '../support/test-database';

describe('Without its database', () => {
  let folder: string;
  let server: EmbeddedPostgres;
  let app: TestApp;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'scim-tokens-outage-'));
    server = await startEmbeddedPostgres({ dataDir: folder });
    await runMigrations(server.url);
    app = await startTestApp({ databaseUrl: server.url });
  });
  afterAll(async () => {
    await app.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('the service answers 503, stays alive, and is not ready', async () => {
    const admin = app.as(superAdmin());
    const made = await admin.post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }).expect(201);
    await request(app.url).get('/health/ready').expect(200);

    await server.stop();
    for (const answer of [
      await admin.get(TOKENS),
      await admin.get(TOKENS + made.body.id),
      await admin.get(`${TOKENS}endpoint-info?tenant_id=tnt_a`),
      await admin.post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }),
      await admin.patch(TOKENS + made.body.id).send({ name: 'y' }),
      await admin.delete(TOKENS + made.body.id),
      await admin
        .post('/api/v1/scim-tokens/introspect')
        .type('form')
        .send({ token: made.body.token }),
    ]) {
      expect([answer.status, answer.body]).toEqual([
        503,
        { detail: 'Service temporarily unavailable' },
      ]);
      expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    }
    expect((await admin.post(TOKENS).send({ name: '', tenant_id: 'tnt_a' })).status).toBe(422);
    await request(app.url).get('/health/live').expect(200);
    await request(app.url).get('/health/ready').expect(503);
    expect(app.logs()).not.toContain(new URL(server.url).password);
  });
});

describe('A connection that is lost between two statements of a transaction', () => {
  it('counts as the database that is away, whatever statement comes next', async () => {
    const database = await createEmptyDatabase();
    const dataSource = await new DataSource({
      ...dataSourceOptions({ url: database.directUrl, schema: 'public', poolMax: 2 }),
      migrations: [],
    }).initialize();
    for (const next of ['query', 'commitTransaction'] as const) {
      const runner = dataSource.createQueryRunner();
      await runner.startTransaction();
      const [{ pid }] = (await runner.query('SELECT pg_backend_pid() AS pid')) as [{ pid: number }];
      await dataSource.query('SELECT pg_terminate_backend($1)', [pid]);
      while (!runner.isReleased) await new Promise(setImmediate);

      const error = await runner[next]('SELECT 1').catch((reason: unknown) => reason);
      expect([String(error), isDatabaseUnavailable(error)]).toEqual([expect.any(String), true]);
    }
    await dataSource.destroy();
    await database.drop();
  });
});

describe('The schema', () => {
  it('goes up and down again, in a schema of its own, and up once however often it is asked', async () => {
    const database = await createEmptyDatabase();
    expect(await runMigrations(database.directUrl, 'scim')).toHaveLength(
      SCIM_TOKEN_MIGRATIONS.length,
    );
    expect(await runMigrations(database.directUrl, 'scim')).toHaveLength(0);
    const sql = new Client(database.url);
    await sql.connect();
    const tables = async (): Promise<string[]> => {
      const { rows } = await sql.query<{ name: string }>(
        // Before 0.3.7 TypeORM makes a table of its own beside its history.
        `SELECT table_name AS name FROM information_schema.tables
         WHERE table_schema = 'scim' AND table_name <> 'typeorm_metadata' ORDER BY 1`,
      );
      return rows.map(({ name }) => name);
    };
    expect(await tables()).toEqual(
      ['scim_token_migrations', ...SCIM_TOKEN_ENTITIES.map(tableOf)].sort(),
    );
    const dataSource = new DataSource(
      dataSourceOptions({ url: database.directUrl, schema: 'scim', poolMax: 1 }),
    );
    await dataSource.initialize();
    for (const _ of SCIM_TOKEN_MIGRATIONS) await dataSource.undoLastMigration();
    await dataSource.destroy();
    expect(await tables()).toEqual(['scim_token_migrations']);
    await sql.end();
    await database.drop();
  });

  it('serves an app whose tables lie in another schema', async () => {
    const database = await createEmptyDatabase();
    await runMigrations(database.directUrl, 'scim');
    const app = await startTestApp({
      databaseUrl: database.url,
      env: { DATABASE_SCHEMA: 'scim' },
    });
    await app.as(superAdmin()).post(TOKENS).send({ name: 'x', tenant_id: 'tnt_a' }).expect(201);
    expect((await app.as(superAdmin()).get(TOKENS)).body.total).toBe(1);
    await request(app.url).get('/health/ready').expect(200);
    await app.close();
    await database.drop();
  });
});

function tableOf(entity: new () => object): string {
  return String(getMetadataArgsStorage().tables.find(({ target }) => target === entity)?.name);
}
