import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { Clock } from '../../src/core/clock';
import type { TenantDirectory } from '../../src/core/tenant-directory';
import { PATIENCE_MS, problemsOf, startBrowser } from './browser';
import { IssuerKeys } from './issuer-keys';
import { startTestApp, superAdmin, TOKENS, type TestApp } from './test-app';

/** The real time, moved forward by a test. */
class ShiftedClock extends Clock {
  private shiftMs = 0;

  now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }

  advance(milliseconds: number): void {
    this.shiftMs += milliseconds;
  }
}

const VERIFY_SECRET = 'proxy-secret-of-thirty-two-bytes-or-more';

/** An operator whose customers open setup links in a real browser. */
export class SetupPages {
  private constructor(
    readonly app: TestApp,
    readonly clock: ShiftedClock,
    readonly browser: Browser,
    /** Stands in for what Entra publishes. */
    readonly keys: IssuerKeys,
  ) {}

  /** Starts the service on a database of its own, and a browser. The build has to be there. */
  static async start(
    env: Record<string, string> = {},
    directory?: TenantDirectory,
  ): Promise<SetupPages> {
    const keys = await IssuerKeys.start();
    const clock = new ShiftedClock();
    const app = await startTestApp({
      clock,
      ...(directory && { directory }),
      env: {
        SETUP_BRAND_NAME: 'Acme Cloud',
        SCIM_OAUTH_ISSUERS_FILE: keys.file,
        SCIM_VERIFY_SECRET: VERIFY_SECRET,
        SCIM_VERIFY_URI_HEADER: 'x-original-uri',
        ...env,
      },
    });
    return new SetupPages(app, clock, await startBrowser(), keys);
  }

  /**
   * Makes a link.
   *
   * @returns its URL, with this service's own address in it
   */
  async link(body: object = {}): Promise<string> {
    const { url } = (
      await this.app
        .as(superAdmin())
        .post(`${TOKENS}setup-links`)
        .send({ tenant_id: 'tnt_a', ...body })
        .expect(201)
    ).body as { url: string };
    const { pathname, hash } = new URL(url);
    return `${this.app.url}${pathname}${hash}`;
  }

  /** A window of its own, empty; what goes wrong in it. */
  async window(
    options: BrowserContextOptions = {},
    expected?: (message: string) => boolean,
  ): Promise<{ page: Page; problems: string[] }> {
    const context = await this.browser.newContext({ reducedMotion: 'reduce', ...options });
    // Of the windows that this one opens, too.
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    return { page, problems: problemsOf(page, this.app.url, expected) };
  }

  /**
   * A provider's SCIM request, which a proxy asks about.
   *
   * @returns the status that the provider gets; 204 stands for yes
   */
  async scim(authorization: string, path = '/Users', headers: object = {}): Promise<number> {
    const answer = await fetch(`${this.app.url}/api/v1/scim-tokens/verify?scope=users:read`, {
      headers: {
        Authorization: authorization,
        'X-Scim-Verify-Secret': VERIFY_SECRET,
        'X-Original-URI': `/api/v1/tenants/tnt_a/scim/v2${path}`,
        'X-Original-Method': 'GET',
        ...headers,
      },
    });
    return answer.status;
  }

  /** A provider's request to the token endpoint. */
  async exchange(
    form: Record<string, string>,
    query = '',
  ): Promise<{ status: number; token: string }> {
    const answer = await fetch(`${this.app.url}/api/v1/scim-tokens/oauth/token${query}`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
    });
    const { access_token = '' } = (await answer.json()) as { access_token?: string };
    return { status: answer.status, token: access_token };
  }

  /** Ends all of it. */
  async stop(): Promise<void> {
    await this.browser.close();
    await this.app.close();
    await this.keys.stop();
  }
}
