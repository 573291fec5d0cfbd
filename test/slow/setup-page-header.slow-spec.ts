import { barriers } from '../support/browser';
import { SetupPages } from '../support/setup-pages';

it('A header that the console shows is looked at on the setup page, before it is sent', async () => {
  const pages = await SetupPages.start();
  try {
    const { page, problems } = await pages.window();
    const button = (name: string) => page.getByRole('button', { name });
    await page.goto(await pages.link({ provider: 'okta' }));
    await button('Make the token').click();
    await button('Show Authorization').click();
    const value = await page.getByText(/^scim_\w{12}_\w{38}$/).innerText();
    await button('Continue to the check').click();
    await page.getByText('Does Okta show the header that it sends?').click();
    const header = page.getByLabel('Authorization header');
    await header.fill(`Bearer Bearer ${value}`);
    await button('Check the header').click();
    await page.getByText('This header would be turned away').waitFor();
    await header.fill(`Authorization: Bearer ${value}`);
    await button('Check the header').click();
    await page.getByText('This header is right').waitFor();
    expect(await barriers(page)).toEqual([]);
    expect(problems).toEqual([]);
  } finally {
    await pages.stop();
  }
});
