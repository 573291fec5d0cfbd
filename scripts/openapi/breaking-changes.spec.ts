import document from '../../openapi.json';
import { breakingChanges, type Json } from './breaking-changes';

const PATH = '/api/v1/admin/scim-tokens/';

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
}
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required?: boolean; schema: Json }[];
  responses: Record<string, unknown>;
}
interface Answer {
  content: Record<string, { schema: Json }>;
}
interface Schema {
  properties: Record<string, Json>;
  required: string[];
}

/** What is found where the document changes like this. */
function after(change: (document: Document) => void): string[] {
  const current = structuredClone(document) as unknown as Document;
  change(current);
  return breakingChanges(document, current as unknown as Json);
}

describe('The check for breaking changes', () => {
  it('finds none where nothing changed, nor where something was added', () => {
    const found = after(({ paths, components }) => {
      paths['/added'] = structuredClone(paths[PATH]!);
      paths[PATH]!.get!.parameters.push({ name: 'added', in: 'query', schema: { type: 'string' } });
      components.schemas.ScimToken!.properties.added = { type: 'string' };
      components.schemas.ScimToken!.required.push('added');
    });
    expect(found).toEqual([]);
  });

  it('finds none where a client may send null beside what it could send', () => {
    const found = after(({ components }) => {
      const { properties } = components.schemas.ScimTokenCreate!;
      properties.name = { anyOf: [properties.name, { type: 'null' }] };
    });
    expect(found).toEqual([]);
  });

  it.each<[string, string, (document: Document) => void]>([
    [
      'an answer that may be null now',
      '.name: is no longer {"type":"string"}',
      (d) => {
        const { properties } = d.components.schemas.ScimToken!;
        properties.name = { anyOf: [properties.name, { type: 'null' }] };
      },
    ],
    ['an operation that is gone', `GET ${PATH}: is gone`, (d) => delete d.paths[PATH]!.get],
    [
      'another operationId',
      `POST ${PATH}: has another operationId`,
      (d) => (d.paths[PATH]!.post!.operationId = 'make'),
    ],
    [
      'a response that is gone',
      `POST ${PATH}: no longer answers 201`,
      (d) => delete d.paths[PATH]!.post!.responses['201'],
    ],
    [
      'a parameter that is gone',
      `GET ${PATH}: query parameter page is gone`,
      (d) => {
        const { get } = d.paths[PATH]!;
        get!.parameters = get!.parameters.filter(({ name }) => name !== 'page');
      },
    ],
    [
      'a parameter that must be sent now',
      `GET ${PATH}: query parameter page must be sent now`,
      (d) => (d.paths[PATH]!.get!.parameters.find(({ name }) => name === 'page')!.required = true),
    ],
    [
      'a property of an answer that is gone',
      '.last_four: is gone',
      (d) => delete d.components.schemas.ScimToken!.properties.last_four,
    ],
    [
      'a property of an answer that may be missing now',
      '.name: may be missing now',
      (d) => {
        const { ScimToken } = d.components.schemas;
        ScimToken!.required = ScimToken!.required.filter((name) => name !== 'name');
      },
    ],
    [
      'a property of another type',
      '.name: is no longer {"type":"string"}',
      (d) => (d.components.schemas.ScimToken!.properties.name = { type: 'integer' }),
    ],
    [
      'a value that an answer may have now',
      '.status: may now be paused',
      (d) => {
        const status = d.components.schemas.ScimToken!.properties.status as { enum: string[] };
        status.enum.push('paused');
      },
    ],
    [
      'an answer that may be something else now',
      ', 200: may now be one of 2',
      (d) => {
        const answer = d.paths[PATH]!.get!.responses['200'] as Answer;
        const media = answer.content['application/json']!;
        media.schema = { oneOf: [media.schema, { type: 'object' }] };
      },
    ],
    [
      'a property that must be sent now',
      '.description: must be sent now',
      (d) => d.components.schemas.ScimTokenCreate!.required.push('description'),
    ],
  ])('finds %s', (_, line, change) => {
    expect(after(change).some((found) => found.endsWith(line))).toBe(true);
  });
});
