import type { INestApplication } from '@nestjs/common';
import {
  adminContext,
  InputInvalidError,
  NoSecretError,
  ScimTokenNotFoundError,
  ScimTokensModule,
  ScimTokensService,
  ScimTokenVerifier,
  TenantNotAllowedError,
  TenantNotFoundError,
  type NewScimToken,
} from '../../src';
import { HOST_SECRET } from './support/host.module';
import { startHost, type Host } from './support/start-host';

interface Entry {
  type: string;
  actor: string | null;
  ip: string | null;
}

describe('A host that calls the service itself', () => {
  let host: Host;
  let app: INestApplication;
  let tokens: ScimTokensService;
  const context = adminContext({ actor: 'ops@host', tenantId: 'tnt_a', ip: '::ffff:192.0.2.7' });

  beforeAll(async () => {
    host = await startHost(
      'express',
      [
        ScimTokensModule.forRoot({
          baseUrlTemplate: 'https://host.example.com/tenants/{tenant_id}/scim/v2',
          jwt: { key: { secret: HOST_SECRET } },
          tenantDirectory: {
            find: (id) => Promise.resolve(id === 'tnt_gone' ? null : { id }),
            tenantIdsOfPartner: () => Promise.resolve([]),
          },
          runMigrations: true,
          dataSource: 'host',
        }),
      ],
      undefined,
      { configure: (configured) => (app = configured) },
    );
    tokens = app.get(ScimTokensService, { strict: false });
  });
  afterAll(() => host.close());

  it('makes connections by client credentials and workload identity, changes and rotates them', async () => {
    const context = adminContext({ actor: 'ops@host', tenantId: 'tnt_b' });
    const client = await tokens.create(context, {
      name: 'PingOne',
      auth_method: 'client_credentials',
      access_token_ttl_seconds: 7200,
    });
    expect(client).toMatchObject({ client_id: client.id, access_token_ttl_seconds: 7200 });
    expect(client.token).toBeUndefined();
    const rotated = await tokens.rotate(context, client.id);
    expect(rotated.client_secret).not.toBe(client.client_secret);

    const trust = {
      issuer: 'https://login.microsoftonline.com/0b1e2c3d-4f5a-4b6c-8d7e-9f0a1b2c3d4e/v2.0',
      subject: 'app',
      audience: '6f1d2b3c-8a9e-4c5d-b7f6-1e2d3c4b5a69',
    };
    const workload = await tokens.create(context, {
      name: 'Entra',
      auth_method: 'workload_identity',
      trust,
      expires_at: null,
    });
    expect(workload.expires_at).toBeNull();
    expect(workload.trust?.accepted_audiences).toEqual([
      trust.audience,
      `api://${trust.audience}`,
      `api://${trust.audience}/host.example.com`,
    ]);
    await expect(tokens.rotate(context, workload.id)).rejects.toThrow(NoSecretError);
    const changed = await tokens.update(context, workload.id, {
      trust: { ...trust, authorized_party: 'app' },
    });
    expect(changed.trust).toMatchObject({ ...trust, authorized_party: 'app' });
    const page = await tokens.list(context, { auth_method: 'workload_identity' });
    expect(page.items.map(({ id }) => id)).toEqual([workload.id]);
    await expect(
      tokens.create(context, { name: 'x', auth_method: 'workload_identity' }),
    ).rejects.toThrow(InputInvalidError);
    for (const { id } of [client, workload]) await tokens.revoke(context, id);
  });

  it('mints, reads, changes, lists, rotates and revokes, and the trail says who did', async () => {
    const expiresAt = new Date(Date.now() + 90 * 86_400_000);
    const made = await tokens.create(context, { name: 'Okta', expires_at: expiresAt });
    expect(made).toMatchObject({ tenant_id: 'tnt_a', expires_at: expiresAt.toISOString() });
    expect(await tokens.get(context, made.id)).toMatchObject({ id: made.id, name: 'Okta' });

    const renamed = await tokens.update(context, made.id, { name: 'Okta EU' });
    expect(renamed.name).toBe('Okta EU');
    const page = await tokens.list(context, { per_page: 1, status: 'active', q: 'eu' });
    expect(page.items.map(({ id }) => id)).toEqual([made.id]);

    const rotated = await tokens.rotate(context, made.id, { overlap_hours: 1 });
    const verifier = app.get(ScimTokenVerifier, { strict: false });
    const verified = await verifier.verify(String(rotated.token), { tenantId: 'tnt_a' });
    expect(verified.tokenId).toBe(made.id);

    await tokens.revoke(context, made.id, { reason: 'Moved away' });
    expect(await tokens.get(context, made.id)).toMatchObject({
      status: 'revoked',
      revoked_by: 'ops@host',
      revocation_reason: 'Moved away',
    });
    const trail = await host.sql<Entry>(
      `SELECT type, actor, ip FROM host_data.acme_app_scim_token_events
       WHERE tenant_id = 'tnt_a' ORDER BY seq`,
    );
    expect(trail).toEqual(
      ['created', 'updated', 'rotated', 'revoked'].map((what) => ({
        type: `scim_token.${what}`,
        actor: 'ops@host',
        ip: '192.0.2.7',
      })),
    );
  });

  it("finds nothing of another tenant's", async () => {
    const { id } = await tokens.create(context, { name: 'Entra' });
    const stranger = adminContext({ actor: 'ops@host', tenantId: 'tnt_b' });
    for (const call of [
      () => tokens.get(stranger, id),
      () => tokens.update(stranger, id, { name: 'x' }),
      () => tokens.rotate(stranger, id),
      () => tokens.revoke(stranger, id),
    ]) {
      await expect(call()).rejects.toThrow(ScimTokenNotFoundError);
    }
    expect((await tokens.list(stranger)).items).toEqual([]);
  });

  it('is told of all that is wrong with its input, as over HTTP', async () => {
    const wrong = { name: '', expires_at: new Date(NaN), colour: 'red' } as NewScimToken;
    const error: unknown = await tokens.create(context, wrong).catch((thrown: unknown) => thrown);
    if (!(error instanceof InputInvalidError)) throw new Error('It was taken');
    const { detail } = error.getResponse() as { detail: { loc: unknown[] }[] };
    expect(detail.map(({ loc }) => loc[1])).toEqual(['name', 'expires_at', 'colour']);
  });

  it('may not name another tenant than its context does', async () => {
    const input = { name: 'x', tenant_id: 'tnt_b' };
    await expect(tokens.create(context, input)).rejects.toThrow(TenantNotAllowedError);
    const gone = adminContext({ actor: null, tenantId: 'tnt_gone' });
    await expect(tokens.create(gone, { name: 'x' })).rejects.toThrow(TenantNotFoundError);
    expect(() => adminContext({ actor: '', tenantId: 'tnt_a' })).toThrow(TypeError);
    expect(() => adminContext({ actor: 'a', tenantId: '' })).toThrow(TypeError);
  });
});
