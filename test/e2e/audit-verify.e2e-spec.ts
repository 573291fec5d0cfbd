import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.options';
import { AuditChain, hashEntry } from '../../src/ledger/audit-chain';
import { hashedMembers, type AuditEntryRow } from '../../src/ledger/audit-chain';
import { pruneAuditTrail } from '../../src/audit/prune-audit-trail';
import { verifyAuditTrail, type TenantVerdict } from '../../src/audit/verify-audit-trail';
import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';

describe('The check of the audit trail', () => {
  let app: TestApp;
  let sql: DataSource;
  let tenant: string;
  let tenants = 0;

  beforeAll(async () => {
    app = await startTestApp();
    sql = await new DataSource(
      dataSourceOptions({ url: app.databaseUrl, schema: 'public', poolMax: 2 }),
    ).initialize();
  });
  afterAll(async () => {
    await sql.destroy();
    await app.close();
  });
  /** Six events: a token is made and renamed five times. */
  beforeEach(async () => {
    tenant = `tnt_${tenants++}`;
    const admin = app.as(tenantAdmin(tenant));
    const { body } = await admin.post(TOKENS).send({ name: 'Größe "x" \u{1F511}' }).expect(201);
    for (let n = 2; n <= 6; n++) await admin.patch(TOKENS + body.id).send({ name: `n${n}` });
  });

  const verdict = async (keptHeads?: Map<string, { seq: number; hash: string }>) => {
    const found: TenantVerdict[] = [];
    for await (const one of verifyAuditTrail(sql, { tenantId: tenant, keptHeads })) found.push(one);
    expect(found.map(({ tenantId }) => tenantId)).toEqual([tenant]);
    return found[0]!;
  };
  const broken = async () => (await verdict()).broken;
  const run = (statement: string, ...parameters: unknown[]) =>
    sql.query(statement, [tenant, ...parameters]);
  const rows = (): Promise<AuditEntryRow[]> =>
    sql.query('SELECT * FROM scim_token_events WHERE tenant_id = $1 ORDER BY seq', [tenant]);
  /** Makes the chain anew from an event on, as whoever owns the database could. */
  const rebuild = async (from: number, end = 6): Promise<void> => {
    let head = from === 1 ? AuditChain.START : (await rows())[from - 2]!.hash;
    for (const row of (await rows()).slice(from - 1, end)) {
      const hash = hashEntry(head, hashedMembers(row));
      await run(
        'UPDATE scim_token_events SET prev_hash = $2, hash = $3 WHERE tenant_id = $1 AND seq = $4',
        head,
        hash,
        row.seq,
      );
      head = hash;
    }
  };

  it('finds nothing in a trail that nobody touched', async () => {
    const heads = (await run('SELECT * FROM scim_token_tenants WHERE tenant_id = $1')) as {
      head_hash: string;
    }[];
    expect(await verdict()).toEqual({
      tenantId: tenant,
      events: 6,
      head: { seq: 6, hash: heads[0]!.head_hash },
      broken: null,
    });
  });

  it.each([
    ['id', `'${randomUUID()}'`],
    ['token_id', 'NULL'],
    ['type', "'scim_token.enabled'"],
    ['actor', "'somebody else'"],
    ['ip', "'203.0.113.9'"],
    ['user_agent', "'other'"],
    ['request_id', "'other'"],
    ['at', "'2026-01-01Z'"],
    ['changes', `'{"name":{"to":"n3","from":"n9"}}'`],
    ['changes', `changes || '{"a":1}'`],
    ['hash', "repeat('a', 64)"],
    ['prev_hash', "repeat('a', 64)"],
  ])('finds a changed %s', async (column, value) => {
    await run(`UPDATE scim_token_events SET ${column} = ${value} WHERE tenant_id = $1 AND seq = 3`);
    expect(await broken()).toEqual({ kind: 'altered', seq: 3 });
  });

  it('finds a number that was changed beyond what a hash over doubles can show', async () => {
    await run(`UPDATE scim_token_events SET changes = '{"n":{"to":5,"from":1e3}}'
               WHERE tenant_id = $1 AND seq = 1`);
    await rebuild(1);
    await run(`UPDATE scim_token_tenants SET head_hash =
                 (SELECT hash FROM scim_token_events e WHERE e.tenant_id = $1 AND e.seq = 6)
               WHERE tenant_id = $1`);
    expect(await broken()).toBeNull();
    await run(`UPDATE scim_token_events SET changes = '{"n":{"to":5.0000000000000000001,"from":1000}}'
               WHERE tenant_id = $1 AND seq = 1`);
    expect(await broken()).toEqual({ kind: 'altered', seq: 1 });
  });

  it('finds an event that was changed and hashed anew', async () => {
    await run(`UPDATE scim_token_events SET actor = 'x' WHERE tenant_id = $1 AND seq = 3`);
    await rebuild(3, 3);
    expect(await broken()).toEqual({ kind: 'altered', seq: 3 });
    await rebuild(3, 5);
    expect(await broken()).toEqual({ kind: 'altered', seq: 5 });
    await rebuild(3);
    expect(await broken()).toEqual({ kind: 'altered', seq: 6 });
  });

  it.each([1, 4])('finds the deleted event %i, also where the rest moved up', async (seq) => {
    await run('DELETE FROM scim_token_events WHERE tenant_id = $1 AND seq = $2', seq);
    expect(await broken()).toEqual({ kind: 'missing', seq });
    for (let n = seq + 1; n <= 6; n++) {
      await run('UPDATE scim_token_events SET seq = seq - 1 WHERE tenant_id = $1 AND seq = $2', n);
    }
    expect(await broken()).toEqual({ kind: 'missing', seq });
  });

  it.each([
    [2, 3],
    [1, 6],
    [3, 5],
  ])('finds the events %i and %i in each other’s place', async (a, b) => {
    for (const [from, to] of [
      [a, -1],
      [b, a],
      [-1, b],
    ]) {
      await run(
        'UPDATE scim_token_events SET seq = $3 WHERE tenant_id = $1 AND seq = $2',
        from,
        to,
      );
    }
    expect(await broken()).toEqual({ kind: 'reordered', seq: a });
  });

  it('finds an event moved to the end', async () => {
    await run('UPDATE scim_token_events SET seq = 7 WHERE tenant_id = $1 AND seq = 2');
    expect(await broken()).toEqual({ kind: 'reordered', seq: 2 });
  });

  const insert = async (seq: number, prevHash?: string): Promise<void> => {
    for (let n = 6; n >= seq; n--) {
      await run('UPDATE scim_token_events SET seq = seq + 1 WHERE tenant_id = $1 AND seq = $2', n);
    }
    const [template] = await rows();
    const row = { ...template!, seq: String(seq), id: randomUUID() };
    const hash = prevHash ? hashEntry(prevHash, hashedMembers(row)) : 'c'.repeat(64);
    await run(
      `INSERT INTO scim_token_events SELECT $1, $2, $3, token_id, type, actor, ip, user_agent,
         request_id, at, changes, $4, $5 FROM scim_token_events WHERE id = $6`,
      row.id,
      seq,
      prevHash ?? 'b'.repeat(64),
      hash,
      template!.id,
    );
  };

  it.each([1, 4, 7])('finds an event inserted as number %i', async (seq) => {
    await insert(seq);
    expect(await broken()).toEqual({ kind: 'inserted', seq });
  });

  it('finds an inserted event that is sound in itself', async () => {
    await insert(4, (await rows())[2]!.hash);
    expect(await broken()).toEqual({ kind: 'inserted', seq: 4 });
  });

  it('finds a cut tail by the head, and a head that was set back with it', async () => {
    await run('DELETE FROM scim_token_events WHERE tenant_id = $1 AND seq > 4');
    expect(await broken()).toEqual({ kind: 'cut', seq: 5 });
    await run('UPDATE scim_token_tenants SET seq = 4 WHERE tenant_id = $1');
    expect((await broken())?.seq).toBe(4);
    await run('DELETE FROM scim_token_events WHERE tenant_id = $1');
    expect(await broken()).toEqual({ kind: 'cut', seq: 1 });
  });

  it('finds events of a tenant whose head is gone', async () => {
    await run('DELETE FROM scim_token_tenants WHERE tenant_id = $1');
    expect(await broken()).toEqual({ kind: 'inserted', seq: 1 });
  });

  it('finds a chain that was made anew as a whole by a head that was kept', async () => {
    const { head } = await verdict();
    await run(`UPDATE scim_token_events SET actor = 'x' WHERE tenant_id = $1 AND seq = 1`);
    await rebuild(1);
    await run(`UPDATE scim_token_tenants SET head_hash =
                 (SELECT hash FROM scim_token_events e WHERE e.tenant_id = $1 AND e.seq = 6)
               WHERE tenant_id = $1`);
    expect(await broken()).toBeNull();
    const keptHeads = new Map([[tenant, head]]);
    expect((await verdict(keptHeads)).broken).toEqual({ kind: 'altered', seq: 6 });
    await run('DELETE FROM scim_token_events WHERE tenant_id = $1 AND seq > 4');
    await run(`UPDATE scim_token_tenants SET seq = 4, head_hash =
                 (SELECT hash FROM scim_token_events e WHERE e.tenant_id = $1 AND e.seq = 4)
               WHERE tenant_id = $1`);
    expect(await broken()).toBeNull();
    expect((await verdict(keptHeads)).broken).toEqual({ kind: 'cut', seq: 5 });
  });

  it('goes on from the checkpoint where old events were removed', async () => {
    const [, , third] = await rows();
    expect(await pruneAuditTrail(sql, tenant, new Date(third!.at.getTime() + 1))).toBeGreaterThan(
      2,
    );
    const { events, broken: none } = await verdict();
    expect(none).toBeNull();
    expect(events).toBeLessThan(4);
    expect(await pruneAuditTrail(sql, tenant, new Date(Date.now() + 1000))).toBe(events);
    expect((await verdict()).broken).toBeNull();
    await app.as(tenantAdmin(tenant)).post(TOKENS).send({ name: 'later' }).expect(201);
    expect(await verdict()).toMatchObject({ events: 1, broken: null, head: { seq: 7 } });
    await run('DELETE FROM scim_token_events WHERE tenant_id = $1');
    expect(await broken()).toEqual({ kind: 'cut', seq: 7 });
  });
});
