import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IssuerKeys } from '../support/issuer-keys';
import { tenantAdmin } from '../support/test-app';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';
import { Administrator, scimClient, type ScimClient } from './support/scim-client';
import { installExample, type InstalledExample, type ScimServer } from './support/scim-server';
import { shellBlocks } from './support/shell-blocks';
import { ShellPage, type PageAnswer } from './support/shell-page';

const jwt = tenantAdmin('tnt_a');
let keys: IssuerKeys;
let example: InstalledExample;
let database: TestDatabase;
let server: ScimServer;
let base: string;
let followed: Walk | undefined;

beforeAll(async () => {
  keys = await IssuerKeys.start();
  example = await installExample();
});

beforeEach(async () => {
  database = await createEmptyDatabase();
  server = await example.start(database.url, { OAUTH_ISSUERS: JSON.stringify(keys.issuers) });
  base = `${server.url}/api/v1/tenants/tnt_a/scim/v2`;
});

afterEach(async () => {
  await followed?.close();
  followed = undefined;
  await server.stop();
  await database.drop();
});

afterAll(async () => {
  example.remove();
  await keys.stop();
});

/** Whom the page's assertion is about. */
const SUBJECT = '8e2b4f60-3c17-4d8a-b5f9-0a7c6e1d9b24';

/** Does what a page says, block by block, and keeps what came back. */
class Walk {
  readonly answers: PageAnswer[] = [];
  private readonly page: ShellPage;
  private readonly blocks: string[];

  constructor(guide: string, given: Readonly<Record<string, string>> = {}) {
    this.blocks = shellBlocks(
      readFileSync(join(__dirname, '../../docs/guides', `${guide}.md`), 'utf8'),
    );
    this.page = new ShellPage({ APP: server.url, JWT: jwt, ...given });
  }

  /** Goes on up to the block with a text, or to the end. */
  async to(text?: string): Promise<void> {
    while (this.blocks[0] !== undefined && !(text && this.blocks[0].includes(text))) {
      this.answers.push(...(await this.page.run(this.blocks.shift()!)));
    }
  }

  close(): Promise<void> {
    return this.page.close();
  }

  get statuses(): number[] {
    return this.answers.map(({ status }) => status);
  }
}

function follow(guide: string, given?: Readonly<Record<string, string>>): Walk {
  return (followed = new Walk(guide, given));
}

/** Sends one request after the other with a value, until told to stop, and keeps the statuses. */
function keepAsking(token: string): { readonly statuses: number[]; stop(): Promise<void> } {
  const ask = scimClient(base, token);
  const statuses: number[] = [];
  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) statuses.push((await ask('GET', '/Users?count=1')).status);
  })();
  return {
    statuses,
    stop: async () => {
      const before = statuses.length;
      await until(() => statuses.length > before);
      stopping.abort();
      await asking;
    },
  };
}

const statusOf = async (ask: ScimClient): Promise<number> => (await ask('GET', '/Users')).status;

describe('The page of a provisioning run', () => {
  it('works as it is written, and no request fails while the token is rotated under it', async () => {
    const walk = follow('provisioning-run');
    await walk.to('/endpoint-info');
    const provider = keepAsking(walk.answers[0]!.body.token as string);
    await walk.to('/rotation/complete');
    await provider.stop();
    await walk.to();

    const [minted, info, probe, search, created, rotated, byOld, byNew, disabled, completed] =
      walk.answers;
    expect(walk.statuses).toEqual([201, 200, 200, 200, 201, 201, 200, 200, 200, 200]);
    const entra = info!.body.providers.find(({ id }: { id: string }) => id === 'entra');
    expect(info!.body.base_url).toBe(base);
    expect(entra.fields).toContainEqual({ label: 'Tenant URL', value: `${base}?aadOptscim062020` });
    expect(probe!.body.totalResults).toBe(0);
    expect(search!.body.totalResults).toBe(0);
    expect(created!.body).toMatchObject({
      userName: 'ada@contoso.example',
      active: true,
      meta: { location: `${base}/Users/${created!.body.id}` },
    });
    expect(rotated!.body).toMatchObject({ id: minted!.body.id });
    expect([byOld!.body.id, byNew!.body.id]).toEqual([created!.body.id, created!.body.id]);
    expect(disabled!.body).toMatchObject({ id: created!.body.id, active: false });
    expect(completed!.body.rotation).toBeNull();

    expect(provider.statuses.length).toBeGreaterThan(0);
    expect(new Set(provider.statuses)).toEqual(new Set([200]));
    const [old, next] = [minted, rotated].map((answer) =>
      scimClient(base, answer!.body.token as string),
    );
    expect(await statusOf(old!)).toBe(401);
    expect((await next!('GET', '/Users')).body).toMatchObject({ totalResults: 1 });
    await new Administrator(server.url, jwt).revoke(minted!.body.id as string);
    expect(await statusOf(next!)).toBe(401);
  });
});

describe("The page of a provisioning run with Entra's workload identity", () => {
  /** As Entra signs it, in its v2 form. */
  const assertion = (): string => {
    const app = 'c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43';
    const tenant = '5d1f7a34-91c2-4b0e-8a6d-2f3c4e5b6a70';
    const now = Math.floor(Date.now() / 1000);
    return keys.assertion(
      { typ: 'JWT', alg: 'RS256', kid: keys.trusted.kid },
      {
        aud: app,
        iss: `https://login.microsoftonline.com/${tenant}/v2.0`,
        iat: now - 300,
        nbf: now - 300,
        exp: now + 3600,
        azp: app,
        azpacr: '2',
        oid: SUBJECT,
        sub: SUBJECT,
        tid: tenant,
        ver: '2.0',
      },
    );
  };

  it('works as it is written, and no request fails while an access token follows another', async () => {
    const walk = follow('provisioning-run-workload-identity', { ASSERTION: assertion() });
    await walk.to('SCIM=');
    const provider = keepAsking(walk.answers.at(-1)!.body.access_token as string);
    await walk.to('"another"');
    await provider.stop();
    await walk.to();

    const [made, info, first, probe, groups, created, second, byFirst, bySecond, disabled] =
      walk.answers;
    expect(walk.statuses).toEqual([
      201, 200, 200, 200, 200, 201, 200, 200, 200, 200, 200, 401, 401, 200,
    ]);
    const { id } = made!.body as { id: string };
    expect(made!.body).toMatchObject({
      client_id: id,
      auth_method: 'workload_identity',
      expires_at: null,
      trust: {
        accepted_audiences: expect.arrayContaining(['c0ffee12-7a4b-4d19-9e35-6b8d0a1f2c43']),
      },
    });
    expect(Object.keys(made!.body as object)).not.toContain('client_secret');
    expect(info!.body.authentication.oauth).toEqual({
      token_endpoint: `${server.url}/api/v1/scim-tokens/oauth/token`,
      metadata: `${server.url}/.well-known/oauth-authorization-server`,
      grant_types: ['client_credentials'],
    });
    const [method] = info!.body.providers.find((one: { id: string }) => one.id === 'entra').methods;
    expect(method.fields).toContainEqual({ label: 'SCIM URL', value: `${base}?aadOptscim062020` });
    expect(first!.body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect([probe, groups].map((answer) => answer!.body.totalResults as unknown)).toEqual([0, 0]);
    expect(second!.body.access_token).not.toBe(first!.body.access_token);
    for (const seen of [byFirst, bySecond]) expect(seen!.body.id).toBe(created!.body.id);
    expect(disabled!.body).toMatchObject({ id: created!.body.id, active: false });

    expect(new Set(provider.statuses)).toEqual(new Set([200]));
    for (const { body } of [first!, second!]) {
      expect(await statusOf(scimClient(base, body.access_token as string))).toBe(401);
    }
    await until(async () => {
      const { authentication } = await new Administrator(server.url, jwt).endpointInfo();
      const told = authentication.recent_failures as { claims?: { sub: string } }[];
      return told.some(({ claims }) => claims?.sub === SUBJECT);
    });
  });

  it('is announced by the server: both schemes, and where to get an access token', async () => {
    const { token } = await new Administrator(server.url, jwt).mint();
    const config = await scimClient(base, token)('GET', '/ServiceProviderConfig');
    expect(config.body.authenticationSchemes.map(({ type }: { type: string }) => type)).toEqual([
      'oauthbearertoken',
      'oauth2',
    ]);
    const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({
      issuer: server.url,
      token_endpoint: `${server.url}/api/v1/scim-tokens/oauth/token`,
    });
  });
});

describe('The page on moving a bearer connection to client credentials', () => {
  it('works as it is written, and no request fails on the way', async () => {
    const admin = new Administrator(server.url, jwt);
    const lastUsed = async (id: unknown): Promise<number> =>
      Date.parse((await admin.call('GET', String(id))).body.last_used_at as string);
    const walk = follow('bearer-to-oauth');
    await walk.to('client credentials');
    const before = walk.answers[0]!.body;
    const byValue = keepAsking(before.token as string);
    await walk.to('$ADMIN/$NEW_ID');

    // The console is switched: the old value may be read once more.
    const [, made, issued, tried] = walk.answers;
    const byAccessToken = keepAsking(issued!.body.access_token as string);
    await byValue.stop();
    const switched = Date.now();
    await until(async () => (await lastUsed(made!.body.id)) > switched);
    await walk.to('-X DELETE');
    await byAccessToken.stop();
    const stillAsking = keepAsking(issued!.body.access_token as string);
    await walk.to();
    await stillAsking.stop();

    expect(walk.statuses).toEqual([201, 201, 200, 200, 200, 200, 200, 204]);
    expect(tried!.body.totalResults).toBe(0);
    expect(made!.body).toMatchObject({ auth_method: 'client_credentials' });
    for (const { statuses } of [byValue, byAccessToken, stillAsking]) {
      expect(new Set(statuses)).toEqual(new Set([200]));
    }
    expect(await lastUsed(before.id)).toBeLessThan(switched);
    expect(await statusOf(scimClient(base, before.token as string))).toBe(401);
    expect(walk.answers[6]!.body.authentication.recent_failures).toEqual([]);
  });
});
