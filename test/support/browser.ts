import { source as axe } from 'axe-core';
import { chromium, type Browser, type Page } from 'playwright-core';

/** Debian's. */
const CHROMIUM = '/usr/bin/chromium';

/** How long a step may take while everything else on the machine is busy. */
export const PATIENCE_MS = 90_000;

/** A real Chromium, without what it would do besides showing pages. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      // On two busy cores frames come late, and a page that nobody looks at gets none.
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--disable-renderer-backgrounding',
      '--disable-background-timer-throttling',
      '--disable-backgrounding-occluded-windows',
    ],
  });

/**
 * What goes wrong on a page from here on: errors, what its policy refuses, requests to elsewhere.
 *
 * @param expected whether a message of the browser's console was to be expected
 */
export function problemsOf(
  page: Page,
  origin: string,
  expected: (message: string) => boolean = () => false,
): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected(message.text())) problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('request', (request) => {
    const { protocol, origin: asked } = new URL(request.url());
    if (asked !== origin && protocol !== 'data:' && protocol !== 'blob:') {
      problems.push(`asked ${request.url()}`);
    }
  });
  return problems;
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string }[];
}

/** What axe-core finds serious on a page: the rule, and the first element that breaks it. */
export async function barriers(page: Page): Promise<[string, string | undefined][]> {
  // As a script of the browser's own: the page's policy lets none in.
  const { violations } = await page.evaluate<{ violations: Violation[] }>(`${axe}; axe.run()`);
  return violations
    .filter(({ impact }) => /serious|critical/.test(impact))
    .map(({ id, nodes }) => [id, nodes[0]?.html]);
}
