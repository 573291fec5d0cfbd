import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { withExamples } from './examples';

interface Media {
  readonly schema: object;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, { readonly value: unknown }>>;
}

interface Body {
  readonly content?: Readonly<Record<string, Media>>;
}

interface Operation {
  readonly operationId: string;
  readonly requestBody?: Body;
  readonly responses: Readonly<Record<string, Body>>;
}

const document = JSON.parse(readFileSync(join(__dirname, '../../../openapi.json'), 'utf8')) as {
  paths: Record<string, Record<string, Operation>>;
};

const bodies = Object.values(document.paths)
  .flatMap((item) => Object.values(item))
  .flatMap(({ operationId, requestBody, responses }) => [
    { name: `request of ${operationId}`, body: requestBody },
    ...Object.entries(responses).map(([status, body]) => ({
      name: `${status} of ${operationId}`,
      body,
    })),
  ])
  .flatMap(({ name, body }) =>
    Object.entries(body?.content ?? {}).map(([type, media]): [string, Media] => [
      `${name} as ${type}`,
      media,
    ]),
  );

describe('the examples of the document', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  ajv.addSchema(document, 'document');

  it.each(bodies)('has one that fits the schema: %s', (_, { schema, example, examples }) => {
    const absolute = JSON.stringify(schema).replaceAll('"#/', '"document#/');
    const validate = ajv.compile(JSON.parse(absolute) as object);
    const values = examples ? Object.values(examples).map(({ value }) => value) : [example];

    const invalid = values.filter((value) => !validate(value));

    expect(values).not.toContain(undefined);
    expect({ invalid, errors: validate.errors }).toEqual({ invalid: [], errors: null });
  });
});

describe('withExamples', () => {
  const exampleOf = (schema: object, schemas = {}): unknown => {
    const content = { 'application/json': { schema } };
    const made = withExamples({
      paths: { '/': { get: { responses: { 200: { content } } } } },
      components: { schemas },
    });
    return (made.paths['/'].get.responses[200].content['application/json'] as Media).example;
  };
  const named = { type: 'object', properties: { name: { type: 'string', example: 'Okta' } } };

  it('makes an example of those of the properties, through references and lists', () => {
    const schema = { type: 'array', items: { $ref: '#/components/schemas/Named' } };

    expect(exampleOf(schema, { Named: named })).toEqual([{ name: 'Okta' }]);
  });

  it('leaves out a property that has none', () => {
    const { properties } = named;

    expect(exampleOf({ ...named, properties: { ...properties, in_days: {} } })).toEqual({
      name: 'Okta',
    });
  });

  it('takes the first choice that has one', () => {
    expect(exampleOf({ anyOf: [{ type: 'integer', example: 2 }, { type: 'null' }] })).toBe(2);
  });

  it('makes none where nothing is said', () => {
    expect(exampleOf({ type: 'string' })).toBeUndefined();
  });
});
