import { Client as Postgres } from 'pg';
import { JWT_SECRET, clientOf, tenantAdmin, TOKENS, type Client } from '../support/test-app';
import { startService, type ServiceProcess } from '../support/service-process';
import { createTestDatabase, databaseVariables, type TestDatabase } from '../support/test-database';

jest.setTimeout(60_000);

describe('Two processes on one database', () => {
  let database: TestDatabase;
  let services: ServiceProcess[];
  let sql: Postgres;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    database = await createTestDatabase();
    const env = {
      NODE_ENV: 'test',
      ...databaseVariables(database.url),
      JWT_SECRET,
      SCIM_TOKEN_PEPPER: 'races-pepper-of-thirty-two-bytes-or-more',
      LOG_LEVEL: 'warn',
    };
    services = await Promise.all([startService(env), startService(env)]);
    sql = new Postgres(database.url);
    await sql.connect();
  });
  afterAll(async () => {
    await Promise.all(services.map((service) => service.end('SIGTERM')));
    await sql.end();
    await database.drop();
  });
  beforeEach(() => {
    tenant = `tnt_${tenants++}`;
  });

  /** Clients of both processes, in turn. */
  const client = (turn: number): Client =>
    clientOf(services[turn % services.length]!.url, tenantAdmin(tenant));
  const create = async (turn = 0): Promise<{ id: string }> =>
    (await client(turn).post(TOKENS).send({ name: 'Okta' }).expect(201)).body as { id: string };
  const trail = async (): Promise<Record<string, unknown>[]> => {
    const { rows } = await sql.query<Record<string, unknown>>(
      'SELECT * FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq',
      [tenant],
    );
    return rows;
  };

  it('let 40 creates at once make exactly as many tokens as a tenant may have', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, turn) =>
        client(turn)
          .post(TOKENS)
          .send({ name: `n${turn}` }),
      ),
    );
    const made = answers.filter(({ status }) => status === 201);
    const refused = answers.filter(({ status }) => status === 409);
    expect(made).toHaveLength(20);
    expect(refused).toHaveLength(20);
    expect(refused[0]!.body).toEqual({ detail: 'Tenant already has 20 active SCIM tokens' });
    expect((await client(0).get(TOKENS)).body.total).toBe(20);
    expect((await trail()).map((event) => Number(event.seq))).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    );
  });

  it('apply two changes at once one after the other and lose neither', async () => {
    const { id } = await create();
    const answers = await Promise.all([
      client(0)
        .patch(TOKENS + id)
        .send({ name: 'renamed' }),
      client(1)
        .patch(TOKENS + id)
        .send({ description: 'described' }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const { body } = await client(0).get(TOKENS + id);
    expect(body).toMatchObject({ name: 'renamed', description: 'described' });
    expect((await trail()).map((event) => event.type)).toEqual([
      'scim_token.created',
      'scim_token.updated',
      'scim_token.updated',
    ]);
  });

  it('never bring a token back that is revoked while it is changed', async () => {
    for (let round = 0; round < 10; round++) {
      const { id } = await create(round);
      const [changed, revoked] = await Promise.all([
        client(round)
          .patch(TOKENS + id)
          .send({ name: 'late', enabled: true }),
        client(round + 1).delete(TOKENS + id),
      ]);
      expect(revoked.status).toBe(204);
      expect([200, 409]).toContain(changed.status);
      const { body } = await client(0).get(TOKENS + id);
      expect(body.status).toBe('revoked');
      expect(body.name).toBe(changed.status === 200 ? 'late' : 'Okta');
    }
  });

  it('record one revocation however often it is asked for at once', async () => {
    const { id } = await create();
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, turn) => client(turn).delete(TOKENS + id)),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array<number>(10).fill(204));
    expect((await trail()).map((event) => event.type)).toEqual([
      'scim_token.created',
      'scim_token.revoked',
    ]);
  });

  it('answer 503 and lose nothing when the lock of a tenant is not had in time', async () => {
    const { id } = await create();
    await sql.query('BEGIN');
    await sql.query('SELECT FROM scim_token_tenants WHERE tenant_id = $1 FOR UPDATE', [tenant]);
    const blocked = await client(0)
      .patch(TOKENS + id)
      .send({ name: 'x' });
    await sql.query('ROLLBACK');
    expect([blocked.status, blocked.body]).toEqual([
      503,
      { detail: 'Service temporarily unavailable' },
    ]);
    expect(blocked.headers['retry-after']).toMatch(/^\d+$/);
    expect((await client(1).get(TOKENS + id)).body.name).toBe('Okta');
    expect(
      (
        await client(1)
          .patch(TOKENS + id)
          .send({ name: 'x' })
      ).status,
    ).toBe(200);
  });
});
