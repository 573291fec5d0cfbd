import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpAdapterHost } from '@nestjs/core';
import type { Page } from 'playwright-core';
import { FAILURE_HINTS, type FailureHint } from '../../src/core/refusal';
import { FileTenantDirectory } from '../../src/core/tenant-directory';
import { failureText } from '../../src/endpoint-info/texts/failure-text';
import { mintAccessToken, mintSecret } from '../../src/secrets/scim-token.secret';
import { forge } from '../support/forge';
import { DAY, HOUR } from '../support/moving-clock';
import { SetupPages } from '../support/setup-pages';
import { superAdmin, TOKENS } from '../support/test-app';
import { APP, Trusting } from '../support/trusting';
import { until } from '../support/until';

const MARKUP = `<img src=x onerror="document.title='run'"><b>&amp;`;
const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" onload="top.document.title='run'">
  <script>top.document.title = 'run'; document.documentElement.id = 'run'</script><circle r="9"/></svg>`;
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const ENDED = 'This link does not work any more';
const TEN_MINUTES = HOUR / 6;
/** What the first load may cost. */
const MOST = { bytes: 60_000, requests: 12 };

interface Made {
  readonly id: string;
  readonly token: string;
  readonly client_id: string;
  readonly client_secret: string;
}

/** Another site, whose page keeps what it is told. */
class Site {
  private constructor(private readonly server: Server) {}

  static async start(): Promise<Site> {
    const page = `<!doctype html><script>
      messages = [];
      onmessage = ({ origin, data }) => messages.push({ origin, data });
    </script>`;
    const server = createServer((_, response) => {
      response.setHeader('content-type', 'text/html').end(page);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Site(server);
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Shows a URL in a frame of its page. */
  async show(page: Page, url: string): Promise<void> {
    await page.goto(this.origin);
    await page.evaluate(`document.body.append(
      Object.assign(document.createElement('iframe'), { src: ${JSON.stringify(url)}, width: 800 }),
    )`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

const messagesOf = (page: Page): Promise<{ origin: string; data: Record<string, unknown> }[]> =>
  page.evaluate('messages');

describe('The setup page, where something goes wrong,', () => {
  const folder = mkdtempSync(join(tmpdir(), 'setup-faults-'));
  let friend: Site;
  let stranger: Site;
  let pages: SetupPages;

  beforeAll(async () => {
    const logo = join(folder, 'logo.svg');
    writeFileSync(logo, LOGO);
    [friend, stranger] = [await Site.start(), await Site.start()];
    pages = await SetupPages.start(
      {
        SETUP_BRAND_NAME: MARKUP,
        SETUP_LOGO_FILE: logo,
        SETUP_FRAME_ANCESTORS: friend.origin,
        SCIM_TOKEN_USAGE_FLUSH_SECONDS: '1',
      },
      new FileTenantDirectory([
        { id: 'tnt_a', name: MARKUP },
        { id: 'tnt_b', name: 'Bolt' },
      ]),
    );
  });
  afterAll(async () => {
    await pages.stop();
    await Promise.all([friend.stop(), stranger.stop()]);
    rmSync(folder, { recursive: true });
  });

  /** Whether the browser's own word on a request that failed, as is to be expected here. */
  const isOfNetwork = (message: string): boolean => message.startsWith('Failed to load resource');

  async function open(
    body: object,
    init?: (page: Page) => Promise<unknown>,
    locale = 'en-US',
  ): Promise<Page> {
    const url = await pages.link(body);
    const { page, problems } = await pages.window({ locale }, isOfNetwork);
    wrong.push(problems);
    await init?.(page);
    await page.goto(url);
    return page;
  }
  let wrong: string[][] = [];
  afterEach(async () => {
    expect(wrong.flat()).toEqual([]);
    wrong = [];
    await Promise.all(pages.browser.contexts().map((context) => context.close()));
  });

  const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1);
  /** As the page shows it, where labels stand in bold. */
  const plain = (words: string): string => words.replaceAll('"', '').replaceAll(' > ', ' › ');
  const heading = (page: Page, name: string) => page.getByRole('heading', { level: 1, name });
  const press = (page: Page, name: string) => page.getByRole('button', { name }).click();
  const admin = () => pages.app.as(superAdmin());
  const create = async (body: object): Promise<Made> =>
    (
      await admin()
        .post(TOKENS)
        .send({ tenant_id: 'tnt_a', name: 'T', ...body })
        .expect(201)
    ).body as Made;
  /** Makes the value on the page. @returns it */
  async function make(page: Page): Promise<string> {
    await press(page, 'Make the token');
    await press(page, 'Show Authorization');
    const box = page.locator('.box').filter({ has: page.getByText('Hide') });
    return box.locator('code').innerText();
  }

  it('says each reason for which a provider can be refused, in words, while it waits', async () => {
    const entra = new Trusting();
    const trust = { ...entra.trust, authorized_party: APP };
    const expired = await create({ expires_in_days: 1 });
    const rotated = await create({});
    await admin().post(`${TOKENS}${rotated.id}/rotate`).send({ overlap_hours: 0 }).expect(201);
    const [disabled, revoked] = [await create({}), await create({})];
    await admin()
      .patch(TOKENS + disabled.id)
      .send({ enabled: false })
      .expect(200);
    await admin()
      .delete(TOKENS + revoked.id)
      .expect(204);
    const elsewhere = await create({ allowed_ips: ['203.0.113.0/24'] });
    const reader = await create({ scopes: ['groups:read'] });
    const foreign = await create({ tenant_id: 'tnt_b' });
    const client = await create({ auth_method: 'client_credentials' });
    const identity = await create({ auth_method: 'workload_identity', trust });
    pages.clock.advance(2 * DAY);

    // The browser's clock is two days behind from here on.
    const page = await open({ provider: 'okta' });
    const value = await make(page);
    await press(page, 'Continue to the check');
    await page.getByText('Waiting for Okta').first().waitFor();

    const bearer: readonly (readonly [FailureHint, string, string?, object?])[] = [
      ['missing', ''],
      ['no_bearer', value],
      ['doubled_bearer', `Bearer Bearer ${value}`],
      ['quoted', `Bearer "${value}"`],
      ['white_space', `Bearer ${value.slice(0, 20)} ${value.slice(20)}`],
      ['foreign_jwt', `Bearer ${superAdmin()}`],
      ['ambiguous_path', `Bearer ${value}`, '//Users'],
      ['malformed', `Bearer ${value.slice(0, -1)}`],
      ['unknown', `Bearer ${mintSecret('scim').value}`],
      ['mismatch', `Bearer ${forge(value)}`],
      ['access_token_ended', `Bearer ${mintAccessToken('scim').value}`],
      ['client_secret', `Bearer ${client.client_secret}`],
      ['expired', `Bearer ${expired.token}`],
      ['retired', `Bearer ${rotated.token}`],
      ['disabled', `Bearer ${disabled.token}`],
      ['revoked', `Bearer ${revoked.token}`],
      ['ip_not_allowed', `Bearer ${elsewhere.token}`],
      ['insufficient_scope', `Bearer ${reader.token}`],
      ['tenant_mismatch', `Bearer ${foreign.token}`],
      [
        'used_elsewhere',
        `Bearer ${value}`,
        '',
        { 'X-Original-URI': '/api/v1/tenants/tnt_b/scim/v2' },
      ],
    ];
    for (const [hint, authorization, path, headers] of bearer) {
      const status = await pages.scim(authorization, path, headers);
      expect([hint, status]).toEqual([hint, hint === 'insufficient_scope' ? 403 : 401]);
    }

    const { client_id, client_secret } = client;
    const now = Math.floor(pages.clock.now().getTime() / 1000);
    const claims = { ...entra.claims(), iat: now - 60, nbf: now - 60, exp: now + HOUR / 1000 };
    const signed = (changes: object, ...by: ['other'?]): Record<string, string> => ({
      client_id: identity.client_id,
      client_assertion_type: JWT_BEARER,
      client_assertion: pages.keys.assertion(
        { typ: 'JWT', alg: 'RS256', kid: pages.keys.trusted.kid },
        { ...claims, ...changes },
        ...by,
      ),
    });
    const unknownKey = pages.keys.assertion({ typ: 'JWT', alg: 'RS256', kid: 'another' }, claims);
    const oauth: readonly (readonly [FailureHint, Record<string, string>, string?])[] = [
      ['token_request', { client_id, client_secret, client_assertion_type: 'jwt' }],
      ['credentials_in_url', { client_id, client_secret }, `?client_secret=${client_secret}`],
      ['grant_type', { client_id, client_secret, grant_type: 'authorization_code' }],
      ['no_credentials', { client_id }],
      ['two_methods', { ...signed({}), client_secret }],
      ['wrong_method', { ...signed({}), client_id }],
      ['wrong_secret', { client_id, client_secret: mintSecret('scim').value }],
      ['invalid_scope', { client_id, client_secret, scope: 'openid' }],
      ['assertion_malformed', { ...signed({}), client_assertion: 'a.b.c' }],
      ['assertion_issuer', signed({ iss: 'https://sts.windows.net/x/' })],
      ['assertion_subject', signed({ sub: 'another' })],
      ['assertion_audience', signed({ aud: 'another' })],
      ['assertion_tenant', signed({ tid: 'another' })],
      ['assertion_party', signed({ azp: 'another' })],
      ['assertion_time', signed({ exp: now - DAY })],
      ['assertion_key', { ...signed({}), client_assertion: unknownKey }],
      ['assertion_signature', signed({}, 'other')],
    ];
    for (const [hint, form, query] of oauth) {
      const { status } = await pages.exchange(form, query);
      expect([hint, [400, 401].includes(status) && status]).toEqual([hint, status]);
    }

    const hints = [...bearer, ...oauth].map(([hint]) => hint);
    expect(new Set(hints)).toEqual(new Set(Object.keys(FAILURE_HINTS)));
    const asked = performance.now();
    const unread = async (): Promise<FailureHint[]> => {
      const words = plain(await page.locator('main').innerText());
      return hints.filter((hint) => !words.includes(plain(failureText(hint, 'en'))));
    };
    await until(async () => (await unread()).length < hints.length);
    process.stdout.write(`The first failures were on the page after ${seconds(asked)} s\n`);
    await until(async () => (await unread()).length === 0).catch(() => undefined);
    expect(await unread()).toEqual([]);
    // One request more is one count more, and the last one comes first.
    await pages.scim(`Bearer "${value}"`);
    await page.locator('.notice.is-bad', { hasText: 'quotes' }).getByText('2 ×').waitFor();
    expect(await pages.scim(`Bearer ${value}`)).toBe(204);
    await heading(page, 'Check the connection').waitFor();
    await page.getByRole('button', { name: 'Continue' }).click();
    await heading(page, 'Okta is connected').waitFor();
  });

  it('ends an open page whose link is revoked or expires, and what it made lives on', async () => {
    const page = await open({ tenant_id: 'tnt_b', provider: 'okta' });
    const value = await make(page);
    const { items } = (await admin().get(`${TOKENS}setup-links?tenant_id=tnt_b`)).body as {
      items: { id: string }[];
    };
    await admin()
      .delete(`${TOKENS}setup-links/${items[0]?.id ?? ''}`)
      .expect(204);
    await heading(page, ENDED).waitFor();
    expect(await page.locator('body').innerText()).not.toContain(value);
    expect(await page.locator('body').innerText()).not.toContain('This link works until');
    await page.reload();
    await heading(page, ENDED).waitFor();

    const other = await open({ tenant_id: 'tnt_b', provider: 'okta', expires_in_hours: 1 });
    await heading(other, 'Set up Okta').waitFor();
    pages.clock.advance(HOUR);
    await press(other, 'Make the token');
    await heading(other, ENDED).waitFor();
    const headers = { 'X-Original-URI': '/api/v1/tenants/tnt_b/scim/v2/Users' };
    expect(await pages.scim(`Bearer ${value}`, '', headers)).toBe(204);
  });

  it('says that what it made was switched off, ran out or was ended, and what of that can be mended here', async () => {
    const page = await open({
      tenant_id: 'tnt_b',
      provider: 'entra',
      token: { expires_in_days: 1 },
    });
    await page.getByRole('button', { name: /Client ID and secret/ }).click();
    await press(page, 'Make client ID and secret');
    await page.getByText('Ready to be copied').waitFor();
    const { items } = (await admin().get(`${TOKENS}?tenant_id=tnt_b&per_page=1`)).body as {
      items: { id: string }[];
    };
    const token = `${TOKENS}${items[0]?.id ?? ''}`;
    await press(page, 'Continue to the check');
    await page.getByText('Waiting for Microsoft Entra ID').first().waitFor();
    await admin().patch(token).send({ enabled: false }).expect(200);
    await page.getByRole('heading', { name: 'This connection is switched off' }).waitFor();
    expect(await page.locator('main').innerText()).not.toContain('Waiting');
    await admin().patch(token).send({ enabled: true }).expect(200);
    await page.getByRole('heading', { name: 'Waiting for Microsoft Entra ID' }).waitFor();

    pages.clock.advance(DAY);
    await page.getByRole('heading', { name: 'This connection has expired' }).waitFor();
    await press(page, 'Show the values again');
    await press(page, 'Make a new one');
    await press(page, 'Yes, make a new one');
    await page.getByText('Ready to be copied').waitFor();

    await admin().delete(token).expect(204);
    await page.getByRole('heading', { name: 'This connection was ended' }).waitFor();
    await page.getByRole('button', { name: 'Make a new one' }).waitFor({ state: 'detached' });
    expect(await page.getByText('All entered and saved?').count()).toBe(0);
    await press(page, 'Continue to the check');
    expect(await page.getByRole('button', { name: 'Show the values again' }).count()).toBe(0);
  });

  it('goes on by itself once its network or the service is back, and makes nothing twice', async () => {
    const page = await open({ tenant_id: 'tnt_b', provider: 'okta' });
    await page.context().setOffline(true);
    await press(page, 'Make the token');
    await page.getByText('That did not work. Please try again.').waitFor();
    await page.getByText('The server does not answer.').waitFor();
    await page.context().setOffline(false);

    // The value is made, and its answer lost on the way.
    await page.route('**/token', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await press(page, 'Make the token');
    await page.getByText('It was made before, ends in').waitFor();
    await page.unroute('**/token');

    const server = pages.app.get(HttpAdapterHost).httpAdapter.getHttpServer() as Server;
    const { port } = server.address() as AddressInfo;
    server.close();
    server.closeAllConnections();
    await page.getByText('The server does not answer.').waitFor();
    server.listen(port, '127.0.0.1');
    await page.getByText('The server does not answer.').waitFor({ state: 'detached' });
    await press(page, 'Make a new one');
    await press(page, 'Yes, make a new one');
    await page.getByRole('button', { name: 'Show Authorization' }).waitFor();
  });

  it('begins by itself where its first requests fail, and loads over a slow network', async () => {
    const page = await open({ provider: 'okta' }, async (empty) => {
      await empty.route('**/texts/*.json', (route) => route.abort());
      await empty.route('**/scim-setup', (route) => route.fulfill({ status: 503 }), { times: 1 });
    });
    await heading(page, 'The page cannot be loaded').waitFor();
    await page.unroute('**/texts/*.json');
    await heading(page, 'Set up Okta').waitFor();

    const slow = await open({ provider: 'okta' }, async (empty) => {
      const session = await empty.context().newCDPSession(empty);
      await session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 400,
        downloadThroughput: 50_000,
        uploadThroughput: 25_000,
      });
    });
    await heading(slow, 'Set up Okta').waitFor();
  });

  it('goes by the service’s clock, were the browser’s a year ahead', async () => {
    const page = await open({ provider: 'okta' }, (empty) =>
      empty.addInitScript(() => {
        const { now } = Date;
        Date.now = () => now() + 365 * 24 * 3600 * 1000;
      }),
    );
    const value = await make(page);
    await press(page, 'Continue to the check');
    await pages.scim(`Bearer ${value}x`);
    await page.getByText('Okta was turned away').first().waitFor();
    expect(await pages.scim(`Bearer ${value}`)).toBe(204);
    await press(page, 'Continue');
    await heading(page, 'Okta is connected').waitFor();
  });

  it('tells the site that shows it in a frame what happens, in the agreed words alone', async () => {
    const url = await pages.link({ provider: 'okta' });
    const { page } = await pages.window();
    await friend.show(page, url);
    const frame = page.frameLocator('iframe');
    await frame.getByRole('button', { name: 'Make the token' }).click();
    await frame.getByRole('button', { name: 'Show Authorization' }).click();
    const value = await frame.locator('code', { hasText: /^scim_/ }).innerText();
    await frame.getByRole('button', { name: 'Continue to the check' }).click();
    const heard = async (event: string): Promise<void> => {
      await until(async () => (await messagesOf(page)).some(({ data }) => data.event === event));
    };
    await heard('token_created');
    expect(await pages.scim(`Bearer ${value}`)).toBe(204);
    await heard('connected');
    pages.clock.advance(TEN_MINUTES);
    expect(await pages.scim(`Bearer ${value}`)).toBe(204);
    await heard('synced');
    await frame.getByRole('button', { name: 'Continue' }).click();
    await frame.getByRole('button', { name: 'Close' }).click();
    await heard('closed');
    const messages = await messagesOf(page);
    const token_id = messages.at(-1)?.data.token_id;
    expect(token_id).toMatch(/^sct_/);
    for (const { origin, data } of messages) {
      expect(origin).toBe(pages.app.url);
      expect(Object.keys(data).sort()).toEqual(['event', 'height', 'source', 'token_id']);
      expect(data).toMatchObject({ source: 'scim-setup', height: expect.any(Number) as number });
      expect([null, token_id]).toContain(data.token_id);
    }
    const told = messages.filter(({ data }) => data.event !== 'resized');
    expect(told.map(({ data }) => [data.event, data.token_id])).toEqual([
      ['opened', null],
      ...['token_created', 'connected', 'synced', 'closed'].map((event) => [event, token_id]),
    ]);
    expect(messages.some(({ data }) => data.event === 'resized')).toBe(true);
    expect(JSON.stringify(messages)).not.toContain(value.slice(-30));
  });

  it('is shown in no frame of another site, which is told nothing, also where it opens a window', async () => {
    const url = await pages.link({ provider: 'okta' });
    const { page } = await pages.window();
    const refusal = page.waitForEvent('console', (message) =>
      message.text().includes('frame-ancestors'),
    );
    await stranger.show(page, url);
    await refusal;
    const popup = page.waitForEvent('popup');
    await page.evaluate(`void open(${JSON.stringify(url)})`);
    await heading(await popup, 'Set up Okta').waitFor();
    expect(await messagesOf(page)).toEqual([]);
  });

  it('shows names as they are written, and runs nothing in them or in the logo', async () => {
    const page = await open({ token: { name: MARKUP } });
    await page.getByText(`of ${MARKUP} in ${MARKUP} up to date`).waitFor();
    expect(await page.locator('.tenant').innerText()).toBe(MARKUP);
    const logo = page.locator('header img');
    expect(await logo.getAttribute('alt')).toBe(MARKUP);
    await page.evaluate("document.querySelector('header img').decode()");
    expect(await page.evaluate("document.querySelector('header img').naturalWidth")).toBe(9);
    expect(await page.locator('img, b').count()).toBe(1);
    expect(await page.title()).toContain(MARKUP);

    // By itself it is a document.
    const { page: alone } = await pages.window();
    await alone.goto(`${pages.app.url}/setup/logo`);
    expect(await alone.evaluate('document.documentElement.id')).toBe('');
  });

  it('costs little at its first load, and can be used soon on a slow machine', async () => {
    const bytes = new Map<string, number>();
    const measure = async (empty: Page): Promise<void> => {
      const session = await empty.context().newCDPSession(empty);
      await session.send('Network.enable');
      session.on('Network.requestWillBeSent', ({ requestId, request }) => {
        if (!request.url.startsWith('data:')) bytes.set(requestId, 0);
      });
      session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
        if (bytes.has(requestId)) bytes.set(requestId, encodedDataLength);
      });
      await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
      // The next look is no part of the first load, however late the test reads what that cost.
      await empty.addInitScript(`const later = setTimeout;
        window.setTimeout = (run, ms = 0) => (ms < 5_000 ? later(run, ms) : 0)`);
      await empty.addInitScript(`new MutationObserver((_, observer) => {
        if (document.querySelector('h1') === null) return;
        performance.mark('usable');
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true })`);
    };
    // The longest texts, and the browser's own language beside them.
    const page = await open({ provider: 'entra', language: 'ja' }, measure);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    // Idle it may have been before the page asked for the last ones.
    await until(() => ![...bytes.values()].includes(0));
    const total = [...bytes.values()].reduce((sum, one) => sum + one, 0);
    const usable = await page.evaluate(() => performance.getEntriesByName('usable')[0]?.startTime);
    const figures = `${total} bytes, ${bytes.size} requests, usable after ${Number(usable).toFixed()} ms`;
    process.stdout.write(`First load: ${figures}\n`);
    expect(total).toBeLessThanOrEqual(MOST.bytes);
    expect(bytes.size).toBeLessThanOrEqual(MOST.requests);
  });
});
