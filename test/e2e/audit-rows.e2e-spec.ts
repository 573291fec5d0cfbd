import { toTokenId } from '../../src/core/token';
import { linkUuidOf, uuidOf } from '../../src/core/token-id';
import { createHash, randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '../../src/database/data-source.options';
import { pruneAuditTrail } from '../../src/audit/prune-audit-trail';
import { verifyAuditTrail, type TenantVerdict } from '../../src/audit/verify-audit-trail';
import { NOBODY_ASKED } from '../../src/core/request-context';
import { toLinkId } from '../../src/core/setup-link';
import { Ledger } from '../../src/ledger/ledger';
import { completeSetupLink, openSetupLink, useSetupLink } from '../../src/ledger/setup-links';
import { adminContext } from '../../src/scim-tokens/host-calls';
import { ScimTokensService } from '../../src/scim-tokens/scim-tokens.service';
import { LifecycleScan } from '../../src/scan/lifecycle-scan';
import { runHere } from '../support/command';
import { IS_ONE_SERVER } from '../support/test-database';
import { MovingClock } from '../support/moving-clock';
import {
  startTestApp,
  superAdmin,
  tenantAdmin,
  TOKENS,
  type Client,
  type TestApp,
} from '../support/test-app';

/** A cluster moves no row to another tenant. */
const ofOneServer = IS_ONE_SERVER ? it : it.skip;

interface Made {
  readonly id: string;
  readonly token: string;
}

describe('The tokens, held against the audit trail', () => {
  const clock = new MovingClock();
  let app: TestApp;
  let sql: DataSource;
  let tenant: string;
  let admin: Client;
  let tenants = 0;
  /** One that is live, one that is revoked, one whose rotation is under way, one rotated twice, one imported. */
  let live: Made, revoked: Made, rotating: Made, rotated: Made, imported: Made;

  beforeAll(async () => {
    app = await startTestApp({ clock, env: { SCIM_TOKEN_PURGE_AFTER_DAYS: '30' } });
    sql = await new DataSource(
      dataSourceOptions({ url: app.databaseUrl, schema: 'public', poolMax: 2 }),
    ).initialize();
  });
  afterAll(async () => {
    await sql.destroy();
    await app.close();
  });
  const make = async (): Promise<void> => {
    tenant = `tnt_${tenants++}`;
    admin = app.as(tenantAdmin(tenant));
    live = await create({ name: 'live', allowed_ips: ['10.0.0.0/8'], scopes: ['users:read'] });
    revoked = await create({ name: 'revoked' });
    await admin.delete(`${TOKENS}${revoked.id}?reason=leaving`).expect(204);
    rotating = await create({ name: 'rotating', description: 'x' });
    await admin.post(`${TOKENS}${rotating.id}/rotate`).send({ overlap_hours: 100 }).expect(201);
    rotated = await create({ name: 'rotated' });
    for (const overlap_hours of [0, 1]) {
      clock.advance(1_000);
      await admin.post(`${TOKENS}${rotated.id}/rotate`).send({ overlap_hours }).expect(201);
    }
    await admin.post(`${TOKENS}${rotated.id}/rotation/complete`).expect(200);
    const token = `an imported value of ${tenant}`;
    const sha256 = createHash('sha256').update(token).digest('hex');
    const { body } = await app
      .as(superAdmin())
      .post(`${TOKENS}import`)
      .send({
        tenant_id: tenant,
        tokens: [{ name: 'imported', sha256, last_four: token.slice(-4) }],
      });
    expect(body).toMatchObject({ imported: 1 });
    imported = { id: (body as { results: Made[] }).results[0]!.id, token };
    clock.advance(1_000);
  };

  const create = async (input: object): Promise<Made> =>
    (await admin.post(TOKENS).send(input).expect(201)).body as Made;
  const differs = async (maxTokens?: number): Promise<TenantVerdict['differs']> => {
    const options = { tenantId: tenant, ...(maxTokens !== undefined && { maxTokens }) };
    for await (const verdict of verifyAuditTrail(sql, options)) {
      expect(verdict.broken).toBeNull();
      if (verdict.differs) return verdict.differs;
    }
    return undefined;
  };
  const run = (statement: string, { id }: Made, ...values: unknown[]): Promise<unknown> =>
    sql.query(statement, [uuidOf(id), ...values]);

  const token = (assignment: string) => `UPDATE scim_tokens SET ${assignment} WHERE id = $1`;
  const secret = (assignment: string, where = 'true') =>
    `UPDATE scim_token_secrets SET ${assignment} WHERE token_id = $1 AND ${where}`;
  /** A token with its secrets in another tenant: their foreign key lets neither go alone. */
  const movedTo = (other: string) =>
    `WITH copy AS (
       INSERT INTO scim_tokens SELECT (made).* FROM (
         SELECT jsonb_populate_record(t, '{"tenant_id":"${other}"}') AS made FROM scim_tokens t WHERE id = $1) m
     ), secrets AS (UPDATE scim_token_secrets SET tenant_id = '${other}' WHERE token_id = $1)
     DELETE FROM scim_tokens WHERE id = $1 AND tenant_id <> '${other}'`;
  const copied = (expires: string, retired: string) =>
    `INSERT INTO scim_token_secrets (tenant_id, id, token_id, format, lookup_id, secret_hash, created_at, expires_at, retired_at)
     SELECT tenant_id, gen_random_uuid(), token_id, format, left(md5(random()::text), 12), secret_hash, created_at, ${expires}, ${retired}
     FROM scim_token_secrets WHERE token_id = $1 LIMIT 1`;

  describe('that were changed through the API alone', () => {
    beforeEach(make);

    it('are what it says, whatever was done to them', async () => {
      expect(await differs()).toBeUndefined();
      const change = { name: 'n', description: null, scopes: ['groups:read'], expires_in_days: 5 };
      await admin.patch(TOKENS + live.id).send({ ...change, enabled: false, allowed_ips: [] });
      await admin.patch(TOKENS + live.id).send({ enabled: true, allowed_ips_mode: 'report' });
      await admin.delete(`${TOKENS}${rotating.id}/rotation`).expect(200);
      await admin.post(`${TOKENS}${rotating.id}/rotate`).send({ overlap_hours: 1 }).expect(201);
      await admin.post(`${TOKENS}${imported.id}/rotate`).send({ overlap_hours: 2 }).expect(201);
      expect(await differs()).toBeUndefined();

      clock.advance(90 * 60_000);
      // The overlap of one is over, and the scan has not come by.
      expect(await differs()).toBeUndefined();
      await admin.post(`${TOKENS}${rotating.id}/rotate`).send({ overlap_hours: 24 }).expect(201);
      await app.get(LifecycleScan).run();
      clock.advance(60 * 60_000);
      await app.get(LifecycleScan).run();
      expect(await differs()).toBeUndefined();

      await admin.post(`${TOKENS}revoke-by-value`).send({ token: imported.token, reason: 'found' });
      await admin
        .post(`${TOKENS}revoke-by-value`)
        .send({ token: live.token, reason: 'found' })
        .expect(200);
      await admin.post(`${TOKENS}revoke-all`).send({ reason: 'incident', tenant_id: tenant });
      expect(await differs()).toBeUndefined();
      clock.advance(31 * 86_400_000);
      await app.get(LifecycleScan).run();
      expect(await sql.query('SELECT FROM scim_tokens WHERE tenant_id = $1', [tenant])).toEqual([]);
      expect(await differs()).toBeUndefined();
    });

    it('are held against what is left of a trail that was pruned', async () => {
      await pruneAuditTrail(sql, tenant, clock.now());
      expect(await differs()).toBeUndefined();
      clock.advance(1_000);
      await pruneAuditTrail(sql, tenant, clock.now());
      const late = await create({ name: 'late' });
      clock.advance(1_000);
      await admin
        .patch(TOKENS + live.id)
        .send({ scopes: ['groups:read'] })
        .expect(200);
      await admin.post(`${TOKENS}${rotated.id}/rotate`).send({ overlap_hours: 1 }).expect(201);
      await admin.delete(`${TOKENS}${rotating.id}/rotation`).expect(200);
      expect(await differs()).toBeUndefined();

      await run(token(`scopes = '{users:read,groups:read}'`), live);
      expect(await differs()).toMatchObject({ tokenId: live.id, field: 'scopes' });
      await run(token(`scopes = '{groups:read}'`), live);
      await run(
        secret('retired_at = NULL, expires_at = now()', 'retired_at IS NOT NULL'),
        rotating,
      );
      expect(await differs()).toMatchObject({ tokenId: rotating.id, field: 'secrets' });
      await run('DELETE FROM scim_tokens WHERE id = $1', rotating);
      expect(await differs()).toMatchObject({ kind: 'row_missing', tokenId: rotating.id });
      await run(token(`created_at = '2026-01-01Z'`), late);
      expect(await differs()).toMatchObject({ tokenId: late.id, field: 'created_at' });
    });
  });

  describe('that somebody else changed', () => {
    const TABLES = ['scim_tokens', 'scim_token_secrets'];

    beforeAll(async () => {
      await make();
      for (const table of TABLES) await sql.query(`CREATE TABLE kept_${table} AS TABLE ${table}`);
    });
    afterEach(async () => {
      await sql.query('DELETE FROM scim_tokens');
      for (const table of TABLES) await sql.query(`INSERT INTO ${table} TABLE kept_${table}`);
    });

    it.each<[string, string, () => Made]>([
      ['revoked_at', token('revoked_at = NULL'), () => revoked],
      ['revoked_at', token(`revoked_at = 'infinity'`), () => live],
      ['expires_at', token(`expires_at = '2100-01-01Z'`), () => live],
      ['expires_at', token(`expires_at = 'infinity'`), () => imported],
      ['scopes', token(`scopes = '{users:read,groups:read}'`), () => live],
      ['allowed_ips', token(`allowed_ips = '{}'`), () => live],
      ['allowed_ips_mode', token(`allowed_ips_mode = 'report'`), () => live],
      ['enabled', token('enabled = false'), () => rotated],
      ['name', token(`name = 'other'`), () => imported],
      ['created_by', token(`created_by = 'other'`), () => live],
      ['token_prefix', token(`token_prefix = 'scim_other'`), () => rotated],
      ['secrets', copied(`now() + interval '1 year'`, 'NULL'), () => live],
      ['secrets', copied('now()', 'now()'), () => imported],
      [
        'secrets',
        secret(
          'retired_at = NULL',
          'retired_at = (SELECT min(retired_at) FROM scim_token_secrets WHERE token_id = $1)',
        ),
        () => rotated,
      ],
      [
        'secrets',
        secret(`expires_at = now() + interval '9 years'`, 'expires_at IS NOT NULL'),
        () => rotating,
      ],
      [
        'secrets',
        secret(`former_expires_at = now() + interval '9 years'`, 'expires_at IS NOT NULL'),
        () => rotating,
      ],
      ['secrets', secret(`lookup_id = 'AAAAAAAAAAAA'`), () => live],
      ['secrets', secret(`format = 'sha256', lookup_id = repeat('a', 64)`), () => live],
      ['secrets', 'DELETE FROM scim_token_secrets WHERE token_id = $1', () => revoked],
    ])('differ by %s where %s was run', async (field, statement, made) => {
      await run(statement, made());
      expect(await differs()).toEqual({ kind: 'row_altered', tokenId: made().id, field });
      expect(await differs(1)).toMatchObject({ field });
    });

    it('differ where a row is gone, or one was put in', async () => {
      await run('DELETE FROM scim_tokens WHERE id = $1', rotating);
      expect(await differs()).toEqual({ kind: 'row_missing', tokenId: rotating.id, field: null });
      const [{ id }] = await sql.query<[{ id: string }]>(
        `INSERT INTO scim_tokens SELECT (t).* FROM (SELECT jsonb_populate_record(t, '{"id":"${randomUUID()}"}') AS t
         FROM scim_tokens t WHERE id = $1) made RETURNING id`,
        [uuidOf(live.id)],
      );
      expect(await differs()).toEqual({
        kind: 'row_inserted',
        tokenId: toTokenId(id),
        field: null,
      });
    });

    ofOneServer('differ by tenant_id where a token was moved', async () => {
      await run(movedTo('tnt_another'), live);
      expect(await differs()).toEqual({
        kind: 'row_altered',
        tokenId: live.id,
        field: 'tenant_id',
      });
      expect(await differs(1)).toMatchObject({ field: 'tenant_id' });
    });

    ofOneServer('differ where a tenant has tokens and no trail', async () => {
      await run(movedTo(`${tenant}_bare`), live);
      const found = [];
      for await (const { differs: first } of verifyAuditTrail(sql, { tenantId: `${tenant}_bare` }))
        found.push(first);
      expect(found).toEqual([{ kind: 'row_inserted', tokenId: live.id, field: null }]);
    });

    it('are named by the command, which then prunes nothing', async () => {
      const env = { DATABASE_URL: app.databaseUrl };
      await run(token('revoked_at = NULL'), revoked);
      expect(await runHere(['audit', 'verify', '--tenant', tenant], env)).toMatchObject({
        code: 1,
        stdout:
          `Tenant "${tenant}", token ${revoked.id}: revoked_at altered: not what its events say\n` +
          'Checked 10 events of 1 tenant: tokens of 1 tenant altered.\n',
      });
      const { stdout } = await runHere(['audit', 'verify', '--tenant', tenant, '--json'], env);
      expect(JSON.parse(stdout)).toMatchObject({
        holds: false,
        broken: [
          { tenant_id: tenant, token_id: revoked.id, kind: 'row_altered', field: 'revoked_at' },
        ],
      });
      const before = new Date(clock.now().getTime() + 1_000).toISOString();
      expect(
        await runHere(['audit', 'prune', '--before', before, '--tenant', tenant], env),
      ).toMatchObject({ code: 1, stdout: expect.stringContaining('Removed 0 events.') });
    });
  });

  describe('with the setup links', () => {
    let link: string;
    const set = (assignment: string) =>
      sql.query(`UPDATE scim_token_setup_links SET ${assignment} WHERE id = $1`, [
        linkUuidOf(link),
      ]);

    beforeEach(async () => {
      tenant = `tnt_${tenants++}`;
      admin = app.as(tenantAdmin(tenant));
      const bounds = { name: 'HR', scopes: ['users:read'], expires_in_days: 9 };
      const fields = { provider: 'okta', language: 'de', token: bounds };
      const { body } = await admin.post(`${TOKENS}setup-links`).send(fields).expect(201);
      link = body.id as string;
      await app.get(Ledger).write(tenant, NOBODY_ASKED, async (transaction) => {
        await openSetupLink(transaction, linkUuidOf(link));
        await completeSetupLink(transaction, linkUuidOf(link));
      });
    });

    it('are what it says, revoked and pruned ones, too', async () => {
      expect(await differs()).toBeUndefined();
      await admin.delete(`${TOKENS}setup-links/${link}`).expect(204);
      expect(await differs()).toBeUndefined();
      clock.advance(1_000);
      await pruneAuditTrail(sql, tenant, clock.now());
      expect(await differs()).toBeUndefined();
      await sql.query('DELETE FROM scim_token_setup_links WHERE tenant_id = $1', [tenant]);
      expect(await differs()).toBeUndefined();
    });

    it('are what it says of the token that a link made', async () => {
      const holder = adminContext({ actor: `setup:${link}`, tenantId: tenant });
      const { id } = await app.get(ScimTokensService).create(holder, { name: 'made' });
      await app
        .get(Ledger)
        .write(tenant, holder, (transaction) =>
          useSetupLink(transaction, linkUuidOf(link), uuidOf(id)),
        );
      expect(await differs()).toBeUndefined();
      await set('made_token_id = NULL');
      expect(await differs()).toMatchObject({ linkId: link, field: 'made_token_id' });
    });

    it.each([
      ['expires_at', `expires_at = expires_at + interval '1 year'`],
      ['bounds', `bounds = bounds || '{"scopes":null}'`],
      ['lookup_id', `lookup_id = 'AAAAAAAAAAAA'`],
      ['provider', `provider = 'entra'`],
      ['auth_method', `auth_method = 'bearer'`],
      ['token_id', `token_id = gen_random_uuid()`],
      ['made_token_id', `made_token_id = gen_random_uuid()`],
      ['return_url', `return_url = 'https://evil.example'`],
      ['opened_at', 'opened_at = NULL'],
      ['completed_at', 'completed_at = NULL'],
    ])('differ by %s where it was changed by somebody else', async (field, assignment) => {
      await set(assignment);
      expect(await differs()).toEqual({ kind: 'row_altered', linkId: link, field });
    });

    it('differ where one was put in, or revived, and are named by the command', async () => {
      const [{ id }] = await sql.query<[{ id: string }]>(
        `INSERT INTO scim_token_setup_links SELECT (t).* FROM (
           SELECT jsonb_populate_record(t, '{"id":"${randomUUID()}","lookup_id":"${tenant}"}') AS t
           FROM scim_token_setup_links t WHERE id = $1) made RETURNING id`,
        [linkUuidOf(link)],
      );
      const inserted = { kind: 'row_inserted', linkId: toLinkId(id), field: null };
      expect(await differs()).toEqual(inserted);
      await sql.query('DELETE FROM scim_token_setup_links WHERE id = $1', [id]);
      await admin.delete(`${TOKENS}setup-links/${link}`).expect(204);
      await set('revoked_at = NULL');
      const env = { DATABASE_URL: app.databaseUrl };
      expect((await runHere(['audit', 'verify', '--tenant', tenant], env)).stdout).toBe(
        `Tenant "${tenant}", setup link ${link}: revoked_at altered: not what its events say\n` +
          'Checked 4 events of 1 tenant: setup links of 1 tenant altered.\n',
      );
    });
  });
});
