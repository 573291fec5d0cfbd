import { Client as Database } from 'pg';
import { startTestApp, tenantAdmin, TOKENS, type Client, type TestApp } from '../support/test-app';

const CHANGED = { detail: 'SCIM token has been changed' };

describe('Changes by several administrators', () => {
  let app: TestApp;
  let admin: Client;
  let path: string;
  let tenants = 0;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    admin = app.as(tenantAdmin(`tnt_${tenants++}`));
    const made = await admin.post(TOKENS).send({ name: 'Okta' }).expect(201);
    expect(made.headers.etag).toBe('"1"');
    path = TOKENS + made.body.id;
  });

  it('are told by the tag of a read, which each change moves and nothing else', async () => {
    expect((await admin.get(path)).headers.etag).toBe('"1"');
    expect((await admin.head(path)).headers.etag).toBe('"1"');
    expect((await admin.patch(path).send({})).headers.etag).toBe('"1"');
    expect((await admin.patch(path).send({ name: 'Entra' })).headers.etag).toBe('"2"');
    expect((await admin.get(path)).headers.etag).toBe('"2"');
    expect((await admin.get(TOKENS)).headers.etag).toBeUndefined();
  });

  it('leave the tag alone when the token is used, and the read is answered in full', async () => {
    const database = new Database({ connectionString: app.databaseUrl });
    await database.connect();
    await database.query(
      `INSERT INTO scim_token_usage (tenant_id, token_id, last_used_at)
       SELECT tenant_id, id, now() FROM scim_tokens WHERE replace(id::text, '-', '') = $1`,
      [path.slice(-32)],
    );
    await database.end();
    const read = await admin.get(path).set('If-None-Match', '"1"');
    expect([read.status, read.headers.etag]).toEqual([200, '"1"']);
    expect(read.body.last_used_at).not.toBeNull();
  });

  it.each(['"1"', '"7", "1"', '"7","1"', ' * ', '"a,b", "1"'])(
    'are made with If-Match %s while the tag is "1"',
    async (tags) => {
      await admin.patch(path).set('If-Match', tags).send({ name: 'Entra' }).expect(200);
    },
  );

  it.each(['"2"', 'W/"1"', '1', '', '"1', '*, "2"', '"", ,', "'1'", '"01"'])(
    'are refused with If-Match %s while the tag is "1", and nothing is changed',
    async (tags) => {
      const change = await admin.patch(path).set('If-Match', tags).send({ name: 'Entra' });
      expect([change.status, change.body]).toEqual([412, CHANGED]);
      const revocation = await admin.delete(path).set('If-Match', tags);
      expect([revocation.status, revocation.body]).toEqual([412, CHANGED]);
      expect((await admin.get(path)).body).toMatchObject({ name: 'Okta', status: 'active' });
    },
  );

  it('are made by one of many who read the same version', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, turn) =>
        admin
          .patch(path)
          .set('If-Match', '"1"')
          .send({ name: `n${turn}` }),
      ),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(412)]);
    const winner = answers.find(({ status }) => status === 200);
    expect((await admin.get(path)).body.name).toBe(winner?.body.name);
  });

  it('find the state before the version, and input and existence before both', async () => {
    const stale = { 'If-Match': '"9"' };
    expect((await admin.patch(path).set(stale).send({ name: 5 })).status).toBe(422);
    expect((await admin.delete(`${path}?reason=%00`).set(stale)).status).toBe(422);
    expect((await app.as(tenantAdmin('other')).delete(path).set(stale)).status).toBe(404);
    await admin.delete(path).set('If-Match', '"1"').expect(204);
    expect((await admin.patch(path).set(stale).send({})).status).toBe(409);
    expect((await admin.delete(path).set(stale)).status).toBe(412);
    expect((await admin.delete(path)).status).toBe(204);
  });
});

describe('A revocation', () => {
  let app: TestApp;
  let admin: Client;
  let path: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = app.as(tenantAdmin());
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    path = TOKENS + (await admin.post(TOKENS).send({ name: 'Okta' })).body.id;
  });

  it('keeps its reason, of which the first one counts', async () => {
    const reason = 'läuft aus \u{1F4A5}'.padEnd(1001, 'x');
    await admin.delete(`${path}?reason=${encodeURIComponent(reason)}&unknown=1`).expect(204);
    await admin.delete(`${path}?reason=again`).expect(204);
    expect((await admin.get(path)).body.revocation_reason).toBe(reason);
  });

  it('has no reason where none is given', async () => {
    await admin.delete(path).expect(204);
    expect((await admin.get(path)).body.revocation_reason).toBeNull();
  });

  it.each([
    ['x'.repeat(1001), 'String should have at most 1000 characters', 'string_too_long'],
    ['a\0', 'Value error, must not contain NUL characters', 'value_error'],
  ])('refuses the reason %#', async (reason, msg, type) => {
    const response = await admin.delete(`${path}?reason=${encodeURIComponent(reason)}`);
    expect(response.status).toBe(422);
    expect(response.body.detail).toEqual([{ loc: ['query', 'reason'], msg, type }]);
    expect((await admin.get(path)).body.status).toBe('active');
  });
});
