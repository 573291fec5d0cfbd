import { endpointSection } from './endpoint-section';
import {
  objectOf,
  type JsonObject,
  referenceName,
  schemaName,
} from '../../src/service/openapi/schemas';
import { code, inline, yamlScalar } from './markdown';
import { operationsOf, referencedSchemas, type Operation } from './operations';
import { DEFAULT_LINKS, type PageLinks } from './page-links';
import { schemaSection } from './schema-section';

/** The endpoint group that a page is about when nothing else is said. */
export const DEFAULT_TAG = 'SCIM Tokens';

/** What a reference page is about, and how its reader makes it anew. */
export interface ReferencePageOptions {
  /** The endpoint group; see `pageTag` for the one a document has. */
  readonly tag: string;
  /** What the reader runs to make the page anew. */
  readonly command: string;
  readonly links?: PageLinks;
}

/** The reference page of one endpoint group of an OpenAPI 3.0 or 3.1 document, as Markdown. */
export function referencePage(
  document: object,
  { tag, command, links = DEFAULT_LINKS }: ReferencePageOptions,
): string {
  const source = objectOf(document);
  const operations = operationsOf(source)
    .filter(({ tags }) => tags.includes(tag))
    .sort(byPathAndMethod);
  const schemas = referencedSchemas(source, operations);
  const link = (reference: string) => linkTo(reference, schemas);
  return `${[
    ...intro(tag, operations.length, command),
    ...authentication(links),
    '## Endpoints',
    ...operations.flatMap((operation) => endpointSection(operation, link)),
    ...schemaSections(source, schemas, link),
  ].join('\n\n')}\n`;
}

/** The endpoint groups of a document, in its order. */
export function tagsOf(document: object): readonly string[] {
  return [...new Set(operationsOf(objectOf(document)).flatMap(({ tags }) => tags))];
}

/** The group a page of this document is about: the usual one, else the document's first. */
export function pageTag(document: object): string {
  const tags = tagsOf(document);
  return tags.includes(DEFAULT_TAG) ? DEFAULT_TAG : (tags[0] ?? DEFAULT_TAG);
}

/** What the page of a group is called, in its path and as a file. */
export function pageName(tag: string): string {
  return inline(tag)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-|-$/g, '');
}

function byPathAndMethod(a: Operation, b: Operation): number {
  return compare(a.path, b.path) || compare(a.method, b.method);
}

/** By character, so that a page is the same under every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function intro(tag: string, count: number, command: string): string[] {
  const name = inline(tag);
  return [
    [
      '---',
      `title: ${yamlScalar(`${name} API`)}`,
      `path: ${yamlScalar(`reference/api/${pageName(tag)}`)}`,
      'status: published',
      '---',
    ].join('\n'),
    `# ${name} API`,
    `Reference for the ${code(name)} endpoint group — ${count} ${count === 1 ? 'endpoint' : 'endpoints'}.`,
    `Generated from the live OpenAPI spec. Re-run ${code(command)} after backend changes.`,
  ];
}

function authentication({ scopes, obtaining }: PageLinks): string[] {
  return [
    '## Authentication',
    'All endpoints require a Bearer JWT in the `Authorization` header unless noted otherwise. ' +
      `See [${scopes.text}](${scopes.href}) and [${obtaining.text}](${obtaining.href}) for how to obtain one.`,
  ];
}

function schemaSections(
  document: JsonObject,
  names: readonly string[],
  link: (reference: string) => string,
): string[] {
  if (names.length === 0) return [];
  return [
    '## Schemas',
    'Definitions for every type referenced by the endpoints above. Schema-to-schema references on this page link within the page; cross-page references would require visiting the linked page.',
    ...names.flatMap((name) => schemaSection(document, name, link)),
  ];
}

/** Links to a schema of the page; what the page does not have is only named. */
function linkTo(reference: string, schemas: readonly string[]): string {
  const name = schemaName(reference);
  return name !== undefined && schemas.includes(name)
    ? `[${code(name)}](#schema-${name.toLowerCase()})`
    : code(referenceName(reference));
}
