import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { isRecord } from '../../src/core/checks';
import { commandLinePage } from './command-line-page';
import { connectPages } from './connect-page';
import { DEFAULT_LINKS, GUIDE_LINKS, parseLinks } from './page-links';
import { pageName, pageTag, referencePage, tagsOf } from './reference-page';

const COMMAND = 'npm run docs';
/** The page of one document. */
export interface PageOptions {
  /** File to write to; standard output without it. */
  readonly out?: string;
  /** Endpoint group the page is about. */
  readonly tag?: string;
  /** File with the links of its Authentication paragraph. */
  readonly links?: string;
}

/**
 * Makes the page of an OpenAPI document.
 *
 * @throws Error that names the file and what is wrong with it
 */
export async function writePageOf(spec: string, { out, tag, links }: PageOptions): Promise<void> {
  const document = await readJson(spec, (json) => {
    if (!isRecord(json) || typeof json.openapi !== 'string') {
      throw new Error('is not an OpenAPI 3 document');
    }
    return json;
  });
  const tags = tagsOf(document);
  if (tag !== undefined && !tags.includes(tag)) {
    throw new Error(`${spec}: has no endpoints tagged "${tag}", only ${tags.join(', ') || 'none'}`);
  }
  const page = referencePage(document, {
    tag: tag ?? pageTag(document),
    command: COMMAND,
    links: links === undefined ? DEFAULT_LINKS : await readJson(links, parseLinks),
  });
  if (out === undefined) process.stdout.write(page);
  else await write(out, page);
}

/** @throws Error that names the file */
async function readJson<Value>(path: string, read: (json: unknown) => Value): Promise<Value> {
  try {
    return read(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new Error(`${path}: ${(error as Error).message}`);
  }
}

/** What belongs in the repository's generated files, by path. */
async function livePages(
  root: string,
): Promise<readonly (readonly [path: string, content: string])[]> {
  // Loads the service, which the page of another document does without.
  const { createProgram } = await import('../../src/cli/program');
  const { liveDocument } = await import('../../src/service/openapi/document');
  const document = await liveDocument();
  const pages = tagsOf(document).map(
    (tag) =>
      [
        resolve(root, `docs/reference/api/${pageName(tag)}.md`),
        referencePage(document, { tag, command: COMMAND, links: GUIDE_LINKS }),
      ] as const,
  );
  const connect = connectPages(COMMAND).map(
    ([name, page]) => [resolve(root, 'docs/guides/connect', name), page] as const,
  );
  return [
    [resolve(root, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`],
    ...pages,
    ...connect,
    [
      resolve(root, 'docs/reference/command-line.md'),
      commandLinePage(createProgram({ environment: {}, exitCode: 0 }), COMMAND),
    ],
  ];
}

/** Writes the generated files of the checkout at `root` from the live document. */
export async function writeLivePages(root: string): Promise<void> {
  for (const [path, content] of await livePages(root)) {
    await write(path, content);
    process.stdout.write(`Wrote ${relative(root, path)}\n`);
  }
}

/** Whether the generated files are fresh; names on standard error those that are not. */
export async function areLivePagesFresh(root: string): Promise<boolean> {
  let fresh = true;
  for (const [path, content] of await livePages(root)) {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === content) continue;
    process.stderr.write(`${relative(root, path)} is stale: run \`${COMMAND}\`\n`);
    fresh = false;
  }
  return fresh;
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
