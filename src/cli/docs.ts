import 'reflect-metadata';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { liveDocument } from '../openapi/live-document';
import { GUIDE_LINKS, parseLinks, type PageLinks } from '../openapi/page-links';
import { pageTag, referencePage, tagsOf } from '../openapi/reference-page';

const USAGE = `Writes the OpenAPI document and the reference page generated from it.

  npm run docs                                  openapi.json and docs/reference/api/scim-tokens.md
  npm run docs -- --check                       fails when either is stale, and writes nothing
  npm run docs -- --spec FILE [--out FILE]      the page of any OpenAPI document (else on stdout)

  --tag NAME    endpoint group of the page (default: SCIM Tokens, else the document's first)
  --links FILE  links of the page's Authentication paragraph:
                {"scopes": {"text": "…", "href": "…"}, "obtaining": {"text": "…", "href": "…"}}
`;

const COMMAND = 'npm run docs';
const ROOT = join(__dirname, '../..');
const DOCUMENT = 'openapi.json';
const PAGE = 'docs/reference/api/scim-tokens.md';

/** A wrong command line; the message says what it takes. */
class UsageError extends Error {}

async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      spec: { type: 'string' },
      out: { type: 'string' },
      tag: { type: 'string' },
      links: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const { spec, out, tag, links, check, help } = values;
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  if (spec !== undefined) {
    if (check) throw new UsageError('--check is for the live document: it goes without --spec');
    const page = pageOf(readJson(spec) as object, tag, links && parsed(links));
    if (out === undefined) process.stdout.write(page);
    else write(out, page);
    return;
  }
  if (out !== undefined || tag !== undefined || links !== undefined) {
    throw new UsageError('--out, --tag and --links go with --spec FILE');
  }
  await live(check);
}

async function live(check: boolean): Promise<void> {
  const document = await liveDocument();
  const files = {
    [DOCUMENT]: `${JSON.stringify(document, null, 2)}\n`,
    [PAGE]: pageOf(document, undefined, GUIDE_LINKS),
  };
  const stale = Object.entries(files).filter(
    ([name, text]) => readIfAny(join(ROOT, name)) !== text,
  );
  if (!check) {
    for (const [name, text] of stale) write(join(ROOT, name), text);
    return;
  }
  for (const [name] of stale) process.stderr.write(`${name} is stale: run ${COMMAND}\n`);
  if (stale.length > 0) process.exitCode = 1;
}

function pageOf(
  document: object,
  tag: string | undefined,
  links: PageLinks | '' | undefined,
): string {
  const chosen = tag ?? pageTag(document);
  if (!tagsOf(document).includes(chosen)) {
    throw new UsageError(
      `no operation is tagged "${chosen}"; the document has: ${tagsOf(document).join(', ') || 'no tags'}`,
    );
  }
  return referencePage(document, { tag: chosen, command: COMMAND, ...(links && { links }) });
}

function parsed(file: string): PageLinks {
  try {
    return parseLinks(readJson(file));
  } catch (error) {
    throw new Error(`--links ${file}: ${(error as Error).message}`);
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}

function readIfAny(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  process.stderr.write(`${file} written\n`);
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = error instanceof UsageError || error instanceof TypeError ? 2 : 1;
});
