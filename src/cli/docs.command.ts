import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isObject } from '../openapi/json';
import { liveDocument } from '../openapi/live-document';
import { DEFAULT_LINKS, GUIDE_LINKS, parseLinks } from '../openapi/page-links';
import { DEFAULT_TAG, pageName, pageTag, referencePage, tagsOf } from '../openapi/reference-page';

const COMMAND = 'npm run docs';
const ROOT = resolve(__dirname, '../..');

const HELP = `Usage: ${COMMAND} [-- OPTIONS]

Without options: writes openapi.json and a page for each endpoint group, such as
docs/reference/api/scim-tokens.md, from the live document.

  --check       Write nothing; exit with 1 when one of these files is stale.
  --spec FILE   Make the page of this OpenAPI document (JSON, 3.0 or 3.1) instead.
  --out FILE    Where that page goes; standard output without it.
  --tag NAME    The endpoint group that page is about; "${DEFAULT_TAG}" or else the document's first.
  --links FILE  The two links of that page's Authentication paragraph, as JSON; one may be left out:
                ${JSON.stringify({ scopes: { text: '…', href: '…' }, obtaining: { text: '…', href: '…' } })}
  --help        Show this text.
`;

/** A mistake in how the command was called. */
class UsageError extends Error {}

/** Runs `npm run docs` and answers its exit code: 1 for stale or bad files, 2 for bad options. */
export async function docsCommand(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options.help) process.stdout.write(HELP);
    else if (options.spec !== undefined) await writePageOf(options.spec, options);
    else if (options.check) return await checkLivePages();
    else await writeLivePages();
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    if (!(error instanceof UsageError)) return 1;
    process.stderr.write(`\`${COMMAND} -- --help\` tells the options.\n`);
    return 2;
  }
}

function readOptions(args: readonly string[]) {
  const options = parseOptions(args);
  if (options.spec === undefined) {
    const stray = (['out', 'tag', 'links'] as const).find((name) => options[name] !== undefined);
    if (stray !== undefined) throw new UsageError(`--${stray} needs --spec`);
  } else if (options.check) {
    throw new UsageError('--check goes without --spec');
  }
  return options;
}

function parseOptions(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        check: { type: 'boolean', default: false },
        spec: { type: 'string' },
        out: { type: 'string' },
        tag: { type: 'string' },
        links: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

interface PageOptions {
  readonly out?: string | undefined;
  readonly tag?: string | undefined;
  readonly links?: string | undefined;
}

async function writePageOf(spec: string, { out, tag, links }: PageOptions): Promise<void> {
  const document = await readJson(spec, (json) => {
    if (!isObject(json) || typeof json.openapi !== 'string') {
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
async function livePages(): Promise<readonly (readonly [path: string, content: string])[]> {
  const document = await liveDocument();
  const pages = tagsOf(document).map(
    (tag) =>
      [
        resolve(ROOT, `docs/reference/api/${pageName(tag)}.md`),
        referencePage(document, { tag, command: COMMAND, links: GUIDE_LINKS }),
      ] as const,
  );
  return [[resolve(ROOT, 'openapi.json'), `${JSON.stringify(document, null, 2)}\n`], ...pages];
}

async function writeLivePages(): Promise<void> {
  for (const [path, content] of await livePages()) {
    await write(path, content);
    process.stdout.write(`Wrote ${relative(ROOT, path)}\n`);
  }
}

async function checkLivePages(): Promise<number> {
  let exitCode = 0;
  for (const [path, content] of await livePages()) {
    if ((await readFile(path, 'utf8').catch(() => undefined)) === content) continue;
    process.stderr.write(`${relative(ROOT, path)} is stale: run \`${COMMAND}\`\n`);
    exitCode = 1;
  }
  return exitCode;
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
