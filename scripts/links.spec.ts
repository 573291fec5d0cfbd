import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
/** Recorded as another project published it: its links are that project's. */
const RECORDED = 'test/contract/reference-page.md';

const pages = execFileSync('git', ['ls-files', '--', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && path !== RECORDED);

/** Markdown without its code, in which brackets are no links. */
function prose(path: string): string {
  return readFileSync(path, 'utf8')
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '')
    .replace(/`[^`\n]*`/g, 'code');
}

function linksOf(path: string): string[] {
  const text = prose(resolve(ROOT, path));
  const inline = [...text.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)];
  const named = [...text.matchAll(/^\[[^\]]+\]:\s+(\S+)/gm)];
  return [...inline, ...named].map(([, target = '']) => target);
}

/** The names that GitHub gives to a page's headings. */
function anchorsOf(path: string): Set<string> {
  const seen = new Map<string, number>();
  const text = readFileSync(path, 'utf8').replace(/^(```|~~~)[\s\S]*?^\1/gm, '');
  const headings = [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
  // The reference pages' format names its schemas so; the site they are made for adds the names.
  const schemas = path.includes('docs/reference/api/')
    ? headings.map((slug) => `schema-${slug}`)
    : [];
  const given = [...text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([...headings, ...schemas, ...given]);
}

function isDead(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? resolve(ROOT, page) : resolve(ROOT, dirname(page), decodeURI(path));
  if (!existsSync(target) || relative(ROOT, target).startsWith('..')) return true;
  return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
}

describe('The documentation', () => {
  it('has no link within the repository that leads nowhere', () => {
    const dead = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !/^[a-z]+:/.test(link) && isDead(page, link))
        .map((link) => `${page}: ${link}`),
    );
    expect(dead).toEqual([]);
  });

  it('has links, which this test finds', () => {
    expect(pages.flatMap(linksOf).length).toBeGreaterThan(50);
  });

  it('is reached from the README, page by page', () => {
    const reached = new Set<string>(['README.md']);
    for (const page of reached) {
      for (const link of linksOf(page).filter((target) => !/^([a-z]+:|#)/.test(target))) {
        const target = relative(ROOT, resolve(ROOT, dirname(page), link.split('#')[0] ?? ''));
        if (target.endsWith('.md')) reached.add(target);
      }
    }
    expect(pages.filter((page) => !reached.has(page))).toEqual([]);
  });
});
