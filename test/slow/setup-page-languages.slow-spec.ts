import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGES } from '../../src/core/languages';
import { failureText } from '../../src/endpoint-info/texts/failure-text';
import { SetupPages } from '../support/setup-pages';

const TEXTS = join(__dirname, '../../setup-page/texts');
const NARROW = { width: 320, height: 640 };
/** As long as operators have them. */
const BRAND = 'Acme Cloud Verwaltungsgesellschaft';

describe('The setup page in other languages than English', () => {
  let pages: SetupPages;

  beforeAll(async () => {
    pages = await SetupPages.start({ SETUP_BRAND_NAME: BRAND });
  });
  afterAll(() => pages.stop());

  it.each(LANGUAGES.filter((name) => name !== 'en'))(
    'speaks %s from the first step to a refusal, within 320 px',
    async (language) => {
      const texts = JSON.parse(readFileSync(join(TEXTS, `${language}.json`), 'utf8')) as Record<
        string,
        string
      >;
      const say = (key: string, provider = ''): string =>
        texts[key]?.replace('{provider}', provider) ?? key;
      const { page, problems } = await pages.window({ viewport: NARROW, locale: language });
      const title = (text: string) =>
        page.getByRole('heading', { level: 1, name: text, exact: true });
      const wide: string[] = [];
      const look = async (state: string): Promise<void> => {
        await page.evaluate(
          "document.querySelectorAll('details').forEach((one) => (one.open = true))",
        );
        const width = await page.evaluate('document.documentElement.scrollWidth');
        if (width !== NARROW.width) wide.push(`${state}: ${String(width)}`);
      };

      await page.goto(await pages.link());
      await title(say('provider_title')).waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      await look('provider');
      for (const name of await page.locator('.card-name').allInnerTexts()) {
        await page.getByRole('button', { name }).click();
        await page.locator('.actions').waitFor();
        await look(name);
        const methods = page.locator('.cards.is-list .card');
        for (const index of (await methods.all()).keys()) {
          await methods.nth(index).click();
          await page.locator('.steps').waitFor();
          await look(`${name} ${index}`);
          await page.goBack();
          await methods.nth(index).waitFor();
        }
        await page.goBack();
        await title(say('provider_title')).waitFor();
      }

      await page.getByRole('button', { name: 'Okta' }).click();
      await page.getByRole('button', { name: say('make_bearer') }).click();
      await page.getByRole('button', { name: say('enter_next') }).click();
      await title(say('check_title')).waitFor();
      await look('waiting');
      expect(await pages.scim('Bearer "nothing"')).toBe(401);
      await page.getByRole('heading', { name: say('failing_title', 'Okta') }).waitFor();
      expect(await page.locator('.notice.is-bad').innerText()).toContain(
        failureText('quoted', language),
      );
      await look('failing');
      expect(wide).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    },
  );
});
