import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { barriers, PATIENCE_MS, problemsOf, startBrowser } from '../support/browser';
import { JWT_SECRET, mintJwt, superAdmin } from '../support/test-app';
import { startService, type ServiceProcess } from '../support/service-process';

/** Pictures that the test takes, for README and for whoever looks at them. */
const PICTURES = join(__dirname, '../../coverage/screenshots');

/** Swagger UI's own markup, reported by axe-core and not ours to mend. */
const OF_SWAGGER_UI = [
  'color-contrast',
  'label',
  'nested-interactive',
  'scrollable-region-focusable',
  'select-name',
];

const OPERATIONS = {
  list: 'list_scim_tokens_api_v1_admin_scim_tokens__get',
  create: 'create_scim_token_api_v1_admin_scim_tokens__post',
  info: 'get_scim_endpoint_info_api_v1_admin_scim_tokens_endpoint_info_get',
  get: 'get_scim_token_api_v1_admin_scim_tokens__token_id__get',
  update: 'update_scim_token_api_v1_admin_scim_tokens__token_id__patch',
  revoke: 'revoke_scim_token_api_v1_admin_scim_tokens__token_id__delete',
};

describe('Swagger UI in a browser', () => {
  let folder: string;
  let service: ServiceProcess;
  let browser: Browser;
  let page: Page;
  let problems: string[];
  let expectedStatus = 200;

  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), 'swagger-ui-'));
    service = await startService({ DATA_DIR: folder, JWT_SECRET });
    browser = await startBrowser();
    page = await browser.newPage({
      viewport: { width: 1280, height: 1000 },
      reducedMotion: 'reduce',
    });
    page.setDefaultTimeout(PATIENCE_MS);
    // Chromium reports an answer of 4xx as an error of the page; which one is expected is asserted.
    problems = problemsOf(page, service.url, (message) =>
      message.includes(`status of ${expectedStatus}`),
    );
    await page.goto(`${service.url}/docs`);
    await page.waitForSelector('.opblock');
  });
  afterAll(async () => {
    await browser.close();
    await service.end('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(() => {
    expect(problems.splice(0)).toEqual([]);
  });

  const operation = (id: string): Locator => page.locator(`.opblock[id$="${id}"]`);

  /**
   * Clicks what is shown and enabled. The event goes to the element itself: a click by position first
   * waits for two frames in which nothing moved, which a starved browser does not draw.
   */
  async function press(target: Locator): Promise<void> {
    await target.waitFor({ state: 'visible' });
    expect(await target.isEnabled()).toBe(true);
    await target.dispatchEvent('click');
  }

  /** Opens an operation, fills it in, sends it, and answers what the page shows. */
  async function send(
    id: string,
    sent: { status: number; body?: string; parameters?: Record<string, string> },
  ): Promise<string> {
    expectedStatus = sent.status;
    const block = operation(id);
    if ((await block.getAttribute('class'))?.includes('is-open') !== true) {
      await press(block.locator('.opblock-summary-control'));
    }
    // What it shows of an earlier answer is not to be taken for this one's.
    const clear = block.locator('button.btn-clear');
    if ((await clear.count()) > 0) await press(clear);
    for (const [name, value] of Object.entries(sent.parameters ?? {})) {
      const input = block.locator(`tr[data-param-name="${name}"] input`);
      await input.fill(value);
      // The page takes a value over when the field is left.
      await input.blur();
    }
    if (sent.body !== undefined) await block.locator('textarea.body-param__text').fill(sent.body);
    const answer = page.waitForResponse((response) => response.url().includes('/api/v1/'));
    await press(block.locator('button.execute'));
    expect((await answer).status()).toBe(sent.status);
    const shown = block.locator('.live-responses-table .response');
    await shown.locator(`.response-col_status:has-text("${sent.status}")`).waitFor();
    return (await shown.innerText()).replace(/\u00a0/g, ' ');
  }

  async function authorize(jwt: string): Promise<void> {
    await press(page.locator('.auth-wrapper .authorize').first());
    const dialog = page.locator('.dialog-ux');
    // There is another for the holders of setup links.
    const form = dialog.locator('form').filter({ hasText: 'bearer (http' });
    await form.waitFor();
    const logout = form.locator('button:has-text("Logout")');
    if ((await logout.count()) > 0) await press(logout);
    expect(await form.innerText()).toContain('npm run token -- --role super_admin');
    await form.locator('input').fill(jwt);
    await press(form.locator('button[type="submit"]:has-text("Authorize")'));
    await press(form.locator('button:has-text("Close")'));
  }

  it('shows the six operations in their group', async () => {
    for (const id of Object.values(OPERATIONS)) expect(await operation(id).count()).toBe(1);
    await page.screenshot({ path: join(PICTURES, 'operations.png') });
  });

  it('says that a JWT is missing', async () => {
    expect(await send(OPERATIONS.list, { status: 401 })).toContain('Not authenticated');
  });

  it('keeps the authorisation over a reload', async () => {
    await authorize(superAdmin());
    await page.reload();
    await page.waitForSelector('.opblock');
    expect(await send(OPERATIONS.list, { status: 200 })).toContain('"items"');
  });

  it('tries out each of the six operations', async () => {
    const created = await send(OPERATIONS.create, {
      status: 201,
      body: JSON.stringify({ name: 'Okta production', tenant_id: 'tnt_a' }),
    });
    const answer = operation(OPERATIONS.create).locator('.live-responses-table .response').first();
    await answer.screenshot({ path: join(PICTURES, 'created.png') });
    expect(created).toMatch(/"token": "scim_\w{12}_\w{38}"/);
    const [, id = ''] = /"id": "(sct_\w+)"/.exec(created) ?? [];
    const parameters = { token_id: id };
    expect(await send(OPERATIONS.list, { status: 200 })).toContain(id);
    expect(
      await send(OPERATIONS.info, { status: 200, parameters: { tenant_id: 'tnt_a' } }),
    ).toContain('Secret Token');
    expect(await send(OPERATIONS.get, { status: 200, parameters })).toContain('"active"');
    const body = JSON.stringify({ enabled: false });
    expect(await send(OPERATIONS.update, { status: 200, parameters, body })).toContain(
      '"disabled"',
    );
    await send(OPERATIONS.revoke, { status: 204, parameters });
    expect(await send(OPERATIONS.get, { status: 200, parameters })).toContain('"revoked"');
  });

  it('shows all that is wrong with an input', async () => {
    const answer = await send(OPERATIONS.create, { status: 422, body: '{"scopes": ["all"]}' });
    expect(answer).toContain('"missing"');
    expect(answer).toContain('"literal_error"');
  });

  it('shows that a role may not', async () => {
    await authorize(mintJwt({ role: 'viewer' }));
    expect(await send(OPERATIONS.list, { status: 403 })).toContain('Insufficient permissions');
  });

  it('has no serious barrier of our making', async () => {
    await page.reload();
    await page.waitForSelector('.opblock');
    const found = await barriers(page);
    expect(found.filter(([rule]) => !OF_SWAGGER_UI.includes(rule))).toEqual([]);
  });
});
