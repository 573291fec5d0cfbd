import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { UsageWriter } from '../../src/usage/usage-writer';
import { barriers } from '../support/browser';
import { SetupPages } from '../support/setup-pages';
import { superAdmin, TOKENS } from '../support/test-app';
import { Trusting } from '../support/trusting';
import { until } from '../support/until';

/** Whether to make the pictures of the guide anew, and where. */
const PICTURES =
  process.env.SETUP_PICTURES === undefined ? null : join(__dirname, '../../docs/guides/pictures');

const DESKTOP = { viewport: { width: 1280, height: 800 } };
const TEN_MINUTES_MS = 10 * 60_000;

/** What Okta and Entra send with every request. */
const OKTA = {
  accept: 'application/scim+json',
  'accept-charset': 'utf-8',
  'user-agent': 'Okta SCIM Client 1.0.0',
};
const ENTRA = { accept: 'application/scim+json' };
const NOBODY = '/Users?filter=userName%20eq%20%226f1c2d0a-7b1e-4d35-9a55-1b0f3c6f2e11%22';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

describe('The setup page in a browser', () => {
  let pages: SetupPages;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    if (PICTURES !== null) mkdirSync(PICTURES, { recursive: true });
    pages = await SetupPages.start({ SETUP_RETURN_ORIGINS: 'https://app.example.com' });
  });
  afterAll(() => pages.stop());
  beforeEach(async () => {
    ({ page, problems } = await pages.window(DESKTOP));
  });
  afterEach(async () => {
    expect(problems).toEqual([]);
    await page.context().close();
  });

  const heading = (text: string | RegExp): Locator =>
    page.getByRole('heading', { name: text, level: 1 });
  const button = (name: string | RegExp): Locator => page.getByRole('button', { name });

  /** Opens a new link and waits for the step that it begins with. */
  async function open(body: object, title: string | RegExp): Promise<string> {
    const url = await pages.link(body);
    await page.goto(url);
    await heading(title).waitFor();
    return url;
  }

  /** Asserts what holds for every state: no barrier, light or dark; nothing beyond the edge at 320 px or at 200 %. */
  async function looksRight(picture?: string): Promise<void> {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect([colorScheme, await barriers(page)]).toEqual([colorScheme, []]);
    }
    if (picture !== undefined && PICTURES !== null) {
      await page.evaluate('document.activeElement.blur()');
      await page.setViewportSize({ width: 900, height: 520 });
      await page.screenshot({ path: join(PICTURES, `${picture}.png`) });
    }
    for (const width of [320, DESKTOP.viewport.width / 2]) {
      await page.setViewportSize({ width, height: 400 });
      // The browser takes a size over when it comes to it.
      await until(async () => (await page.evaluate('innerWidth')) === width);
      expect([width, await page.evaluate('document.documentElement.scrollWidth')]).toEqual([
        width,
        width,
      ]);
    }
    await page.setViewportSize(DESKTOP.viewport);
  }

  /** The made value of a field, shown. */
  async function shown(label: string): Promise<string> {
    await button(`Show ${label}`).click();
    const box = page.locator('.box', { hasText: label }).filter({ has: button(`Hide ${label}`) });
    return box.locator('code').innerText();
  }

  /** A header that the console shows is looked at before it is sent once more. */
  async function checksHeaders(value: string): Promise<void> {
    await page.getByText('Does Okta show the header that it sends?').click();
    const header = page.getByLabel('Authorization header');
    await header.fill(`Bearer Bearer ${value}`);
    await button('Check the header').click();
    await page.getByText('This header would be turned away').waitFor();
    await header.fill(`Authorization: Bearer ${value}`);
    await button('Check the header').click();
    await page.getByText('This header is right').waitFor();
    expect(await barriers(page)).toEqual([]);
  }

  it('connects Okta with a token: made once, waited for, refused in words, a header looked at, accepted, renewed in time', async () => {
    const url = await open(
      { provider: 'okta', return_url: 'https://app.example.com/settings' },
      'Set up Okta',
    );
    // The secret has left the address bar, and the reload shows that it is kept.
    expect(page.url()).toBe(url.replace(/#.*/, ''));
    expect(await page.title()).toBe('Enter · Connect your identity provider · Acme Cloud');
    await page.reload();
    await heading('Set up Okta').waitFor();
    await looksRight();
    expect(await button('Continue to the check').isEnabled()).toBe(false);
    await button('Make the token').click();
    const value = await shown('Authorization');
    expect(value).toMatch(/^scim_\w{12}_\w{38}$/);
    // A browser that translates the page leaves alone what is copied, and the console's labels.
    expect(await page.locator('main :is(code, b):not([translate=no])').count()).toBe(0);
    await looksRight();
    expect(await pages.scim(`Bearer Bearer ${value}`, NOBODY, OKTA)).toBe(401);

    await button('Continue to the check').click();
    await page.getByRole('heading', { name: 'Okta was turned away' }).waitFor();
    expect(await page.locator('main').innerText()).toContain('Bearer Bearer');
    await looksRight('refused');
    await checksHeaders(value);
    expect(await pages.scim(`Bearer ${value}`, NOBODY, OKTA)).toBe(204);
    await page
      .getByRole('status')
      .getByText('Okta is connected', { exact: true })
      .waitFor({ state: 'attached' });
    await looksRight();

    // A value that was shown is not shown again.
    await page.reload();
    await button('Enter').click();
    await page.getByText(`ends in ${value.slice(-4)} and cannot be shown again`).waitFor();
    await looksRight();
    await page.goBack();
    await heading('Check the connection').waitFor();
    await button('Continue').click();
    await heading('Okta is connected').waitFor();
    expect(
      await page.getByRole('link', { name: 'Back to app.example.com' }).getAttribute('href'),
    ).toBe('https://app.example.com/settings');
    const file = page.waitForEvent('download');
    await button('Add a reminder to your calendar').click();
    const calendar = await readFile(await (await file).path(), 'utf8');
    expect(calendar).toMatch(
      /^BEGIN:VCALENDAR\r\nVERSION:2.0\r\n[^]*END:VEVENT\r\nEND:VCALENDAR\r\n$/,
    );
    expect(calendar.split('\r\n').filter((line) => Buffer.byteLength(line) > 75)).toEqual([]);
    expect(calendar).toMatch(/\r\nDTSTART;VALUE=DATE:\d{8}\r\n/);
    await looksRight();

    pages.clock.advance(TEN_MINUTES_MS);
    expect(await pages.scim(`Bearer ${value}`, NOBODY, OKTA)).toBe(204);
    await page
      .getByRole('status')
      .getByText('Okta is connected and in use')
      .waitFor({ state: 'attached' });
  });

  it('connects Entra by its workload identity, from the choice of the provider on', async () => {
    const entra = new Trusting();
    const { trust } = entra;
    await open({}, 'Which identity provider do you use?');
    await looksRight();
    await button('Microsoft Entra ID').click();
    await heading('How should Microsoft Entra ID sign in?').waitFor();
    await looksRight();
    await button(/^Workload identity Recommended/).click();
    await button('Save and get the client ID').click();
    expect(await page.getByRole('alert').count()).toBe(3);
    expect(await page.evaluate('document.activeElement.id')).toBe('trust-issuer');
    await looksRight();
    await page.getByLabel('Issuer').fill('https://login.example.com/');
    await page.getByLabel('Subject').fill(trust.subject);
    await page.getByLabel('Audience').fill(trust.audience);
    problems.length = 0;
    await button('Save and get the client ID').click();
    await page.locator('#trust-issuer-wrong').waitFor();
    // The browser's own message about the 422.
    expect(problems.splice(0)).toEqual([expect.stringContaining('status of 422')]);
    await page.getByLabel('Issuer').fill(trust.issuer);
    await button('Save and get the client ID').click();
    await page.getByText('Ready to be copied').waitFor();
    const box = page.locator('.box', { hasText: 'Client Identifier' });
    const client_id = await box.locator('code').innerText();
    expect(client_id).toMatch(/^sct_[0-9a-f]{32}$/);
    await looksRight();

    const sent = (changes: object = {}) =>
      pages.exchange({
        client_id,
        client_assertion_type: JWT_BEARER,
        client_assertion: pages.keys.assertion(
          { typ: 'JWT', alg: 'RS256', kid: pages.keys.trusted.kid },
          entra.claims(changes),
        ),
      });
    expect((await sent({ sub: 'another' })).status).toBe(401);
    await button('Continue to the check').click();
    await page.getByRole('heading', { name: 'Microsoft Entra ID was turned away' }).waitFor();
    await looksRight();
    const { token } = await sent();
    expect(await pages.scim(`Bearer ${token}`, NOBODY, ENTRA)).toBe(204);
    await button('Continue').click();
    await page.getByRole('heading', { name: 'When it has to be renewed' }).waitFor();
    await looksRight();
  });

  it('connects Entra by client id and secret, and by a token', async () => {
    const provider = 'entra';
    await open({ provider, auth_method: 'client_credentials' }, 'Set up Microsoft Entra ID');
    await looksRight();
    await button('Make client ID and secret').click();
    const client_secret = await shown('Client Secret');
    const client_id = await page
      .locator('.box', { hasText: 'Client Identifier' })
      .locator('code')
      .innerText();
    await looksRight();
    const { status, token } = await pages.exchange({ client_id, client_secret });
    expect(status).toBe(200);
    await button('Continue to the check').click();
    await page.getByText('Waiting for Microsoft Entra ID').first().waitFor();
    await looksRight();
    expect(await pages.scim(`Bearer ${token}`, NOBODY, ENTRA)).toBe(204);
    await button('Continue').waitFor();

    await open({ provider, auth_method: 'bearer' }, 'Set up Microsoft Entra ID');
    await button('Make the token').click();
    const value = await shown('Secret Token');
    await button('Continue to the check').click();
    expect(await pages.scim(`Bearer ${value}`, NOBODY, ENTRA)).toBe(204);
    await button('Continue').waitFor();
  });

  it('works by keyboard alone, and moves the focus to what came up', async () => {
    // As on a busy machine: what rests on a frame comes late.
    await page.addInitScript('requestAnimationFrame = () => 0');
    await open({}, 'Which identity provider do you use?');
    const focused = (): Promise<string> =>
      page.evaluate<string>('document.activeElement.textContent.trim()');
    const tabTo = async (text: RegExp): Promise<void> => {
      for (let presses = 0; !text.test(await focused()); presses++) {
        expect(presses).toBeLessThan(40);
        await page.keyboard.press('Tab');
      }
    };
    await tabTo(/Okta$/);
    await page.keyboard.press('Enter');
    await heading('Set up Okta').waitFor();
    expect(await focused()).toBe('Set up Okta');
    await tabTo(/^Make the token$/);
    await page.keyboard.press('Space');
    await button('Show Authorization').waitFor();
    await tabTo(/^Continue to the check$/);
    await page.keyboard.press('Enter');
    await heading('Check the connection').waitFor();
    expect(await focused()).toBe('Check the connection');
    // Back and forth as the browser does it, too.
    await page.goBack();
    await heading('Set up Okta').waitFor();
    await page.goForward();
    await heading('Check the connection').waitFor();
  });

  it('in two windows shows what the other one made, and forgets what that one replaced', async () => {
    const url = await open({ provider: 'okta' }, 'Set up Okta');
    const other = await page.context().newPage();
    await other.goto(url);
    await button('Make the token').click();
    await button('Show Authorization').waitFor();
    await other.getByText('It was made before, ends in').waitFor();
    await other.getByRole('button', { name: 'Make a new one' }).click();
    await other.getByText('It stops working at once').waitFor();
    await other.getByRole('button', { name: 'Yes, make a new one' }).click();
    await other.getByRole('button', { name: 'Show Authorization' }).waitFor();
    await page.getByText('It was made before, ends in').waitFor();
  });

  it('renews a connection: the old value stays good while the new one is entered', async () => {
    const { body } = await pages.app
      .as(superAdmin())
      .post(TOKENS)
      .send({ name: 'Okta', tenant_id: 'tnt_a' })
      .expect(201);
    const { id, token } = body as { id: string; token: string };
    expect(await pages.scim(`Bearer ${token}`)).toBe(204);
    await pages.app.provider(UsageWriter).flush();
    await open({ token_id: id, provider: 'okta' }, 'Renew the connection with Okta');
    await looksRight();
    await button('Make the token').click();
    const value = await shown('Authorization');
    await looksRight();
    expect(await pages.scim(`Bearer ${token}`)).toBe(204);
    expect(await pages.scim(`Bearer ${value}`)).toBe(204);
    await button('Continue to the check').click();
    await button('Continue').waitFor();
  });

  it('without a link, with one that is over, and without JavaScript says so', async () => {
    await page.goto(`${pages.app.url}/setup`);
    await heading('Open the link that you were sent').waitFor();
    await looksRight();
    await page.goto(`${pages.app.url}/setup#scimsetup_nothing`);
    await heading('This link does not work any more').waitFor();
    expect(problems.splice(0)).toEqual([expect.stringContaining('status of 401')]);
    await looksRight();

    const plain = await pages.window({ ...DESKTOP, javaScriptEnabled: false });
    await plain.page.goto(`${pages.app.url}/setup`);
    expect(await plain.page.locator('body').innerText()).toContain('This page needs JavaScript');
    expect(plain.problems).toEqual([]);
  });
});
