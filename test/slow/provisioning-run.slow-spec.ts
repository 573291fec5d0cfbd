import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tenantAdmin } from '../support/test-app';
import { createEmptyDatabase, type TestDatabase } from '../support/test-database';
import { until } from '../support/until';
import { Administrator, scimClient } from './support/scim-client';
import { installExample, type InstalledExample, type ScimServer } from './support/scim-server';
import { shellBlocks } from './support/shell-blocks';
import { ShellPage, type PageAnswer } from './support/shell-page';

const PAGE = readFileSync(join(__dirname, '../../docs/guides/provisioning-run.md'), 'utf8');

let database: TestDatabase;
let example: InstalledExample;
let server: ScimServer;

beforeAll(async () => {
  database = await createEmptyDatabase();
  example = await installExample();
  server = await example.start(database.url);
});

afterAll(async () => {
  await server.stop();
  example.remove();
  await database.drop();
});

/** Sends one request after the other with a value, until told to stop, and keeps the statuses. */
function keepAsking(token: string): { readonly statuses: number[]; stop(): Promise<void> } {
  const ask = scimClient(`${server.url}/api/v1/tenants/tnt_a/scim/v2`, token);
  const statuses: number[] = [];
  const stopping = new AbortController();
  const asking = (async () => {
    while (!stopping.signal.aborted) statuses.push((await ask('GET', '/Users?count=1')).status);
  })();
  return {
    statuses,
    stop: async () => {
      stopping.abort();
      await asking;
    },
  };
}

describe('The page of a provisioning run', () => {
  it('works as it is written, and no request fails while the token is rotated under it', async () => {
    const jwt = tenantAdmin('tnt_a');
    const page = new ShellPage({ APP: server.url, JWT: jwt });
    const answers: PageAnswer[] = [];
    let provider: ReturnType<typeof keepAsking> | null = null;
    let meanwhile: number[] = [];
    for (const block of shellBlocks(PAGE)) {
      if (provider && block.includes('/rotation/complete')) {
        const { statuses } = provider;
        const before = statuses.length;
        await until(() => statuses.length > before);
        await provider.stop();
        meanwhile = statuses;
      }
      answers.push(...(await page.run(block)));
      provider ??= answers.length > 0 ? keepAsking(answers[0]!.body.token as string) : null;
    }
    await page.close();

    const [minted, info, probe, search, created, rotated, byOld, byNew, disabled, completed] =
      answers;
    expect(answers.map(({ status }) => status)).toEqual([
      201, 200, 200, 200, 201, 201, 200, 200, 200, 200,
    ]);
    const base = `${server.url}/api/v1/tenants/tnt_a/scim/v2`;
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

    expect(meanwhile.length).toBeGreaterThan(0);
    expect(new Set(meanwhile)).toEqual(new Set([200]));
    const [old, next] = [minted, rotated].map((answer) =>
      scimClient(base, answer!.body.token as string),
    );
    expect((await old!('GET', '/Users')).status).toBe(401);
    expect((await next!('GET', '/Users')).body).toMatchObject({ totalResults: 1 });
    await new Administrator(server.url, jwt).revoke(minted!.body.id as string);
    expect((await next!('GET', '/Users')).status).toBe(401);
  });
});
