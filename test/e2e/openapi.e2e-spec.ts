import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { startTestApp, superAdmin, TOKENS, type TestApp } from '../support/test-app';

interface Parameter {
  name: string;
  in: string;
  required: boolean;
  schema: { type?: string; anyOf?: unknown[]; title?: string };
}

interface Operation {
  operationId: string;
  summary: string;
  description: string;
  tags: string[];
  parameters: Parameter[];
  requestBody?: { required: boolean; content: Record<string, unknown> };
  responses: Record<string, unknown>;
  security?: unknown;
}

interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, unknown>; securitySchemes: Record<string, unknown> };
}

const read = (path: string): Document =>
  JSON.parse(readFileSync(join(__dirname, '../..', path), 'utf8')) as Document;

const operationsOf = ({ paths }: Document): [string, Operation][] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]): [string, Operation] => [
      `${method} ${path}`,
      operation,
    ]),
  );

describe('The OpenAPI document', () => {
  const seed = read('test/contract/seed-openapi.json');
  let app: TestApp;
  let document: Document;

  beforeAll(async () => {
    const proxy = {
      SCIM_VERIFY_SECRET: 'verify-secret-of-thirty-two-bytes-or-more',
      SCIM_VERIFY_URI_HEADER: 'X-Original-URI',
    };
    app = await startTestApp({ env: { PUBLIC_URL: 'http://127.0.0.1:3000', ...proxy } });
    document = (await request(app.url).get('/openapi.json')).body as Document;
  });
  afterAll(() => app.close());

  it('is OpenAPI 3.1 and the one that is committed', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document).toEqual(read('openapi.json'));
  });

  it("holds exactly the contract's six operations under its tag", () => {
    const tagged = operationsOf(document).filter(([, { tags }]) => tags.includes('SCIM Tokens'));
    expect(tagged.map(([name]) => name).sort()).toEqual(
      operationsOf(seed)
        .map(([name]) => name)
        .sort(),
    );
  });

  it.each(operationsOf(seed))('describes %s as the contract does', (name, expected) => {
    const actual = Object.fromEntries(operationsOf(document))[name]!;
    const { operationId, summary, description, tags } = actual;
    expect({ operationId, summary, description, tags }).toEqual({
      operationId: expected.operationId,
      summary: expected.summary,
      description: expected.description,
      tags: expected.tags,
    });
    const named = (parameters: Parameter[]) =>
      parameters.map((parameter) => ({
        name: parameter.name,
        in: parameter.in,
        required: parameter.required,
        type: parameter.schema.type,
        alternatives: parameter.schema.anyOf?.map((schema) => (schema as { type: string }).type),
        title: parameter.schema.title,
      }));
    expect(named(actual.parameters)).toEqual(expect.arrayContaining(named(expected.parameters)));
    const added = actual.parameters.filter(
      ({ name: own }) => !expected.parameters.some((parameter) => parameter.name === own),
    );
    expect(
      added.every(
        ({ name: own, in: place, required }) =>
          !required && (place === 'query' || own === 'if-match'),
      ),
    ).toBe(true);
    expect(Object.keys(actual.responses)).toEqual(
      expect.arrayContaining(Object.keys(expected.responses)),
    );
    expect(actual.requestBody?.required).toBe(expected.requestBody?.required);
    const wrong = structuredClone(actual.responses['422']) as {
      content: Record<string, { example?: unknown }>;
    };
    // Ours alone, beyond the contract's.
    delete wrong.content['application/json']!.example;
    expect(wrong).toEqual(expected.responses['422']);
    expect(actual.security).toEqual([{ bearer: [] }]);
  });

  it('has the two error schemas word for word', () => {
    for (const name of ['HTTPValidationError', 'ValidationError']) {
      expect(document.components.schemas[name]).toEqual(seed.components.schemas[name]);
    }
  });

  it('has no remnant of OpenAPI 3.0', () => {
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('has examples of bodies that can be sent as they are', async () => {
    const bodies = document.paths[TOKENS]!.post!.requestBody!.content['application/json'] as {
      examples: Record<string, { value: object }>;
    };
    for (const { value } of Object.values(bodies.examples)) {
      const made = await app.as(superAdmin()).post(TOKENS).send(value);
      expect(made.status).toBe(201);
      const path = `${TOKENS}{token_id}`;
      const changes = document.paths[path]!.patch!.requestBody!.content['application/json'] as {
        examples: Record<string, { value: object }>;
      };
      for (const change of Object.values(changes.examples)) {
        const changed = await app
          .as(superAdmin())
          .patch(TOKENS + made.body.id)
          .send(change.value);
        expect(changed.status).toBe(200);
      }
    }
  });
});

describe('The document of a service without a reverse proxy', () => {
  it('lacks the one route that is not served', async () => {
    const app = await startTestApp({ env: { PUBLIC_URL: 'http://127.0.0.1:3000' } });
    const { paths } = (await request(app.url).get('/openapi.json')).body as Document;
    const missing = Object.keys(read('openapi.json').paths).filter((path) => !(path in paths));
    expect(missing).toEqual(['/api/v1/scim-tokens/verify']);
    await app.close();
  });
});

describe('Swagger UI', () => {
  it.each([
    ['development', true],
    ['test', false],
    ['production', false],
  ])('keeps a JWT over a reload in development alone: %s', async (environment, keeps) => {
    const app = await startTestApp({
      env: {
        NODE_ENV: environment,
        PUBLIC_URL: 'https://scim.example.com',
        TRUST_PROXY: '1',
        JWT_SECRET: 'tP9#kV2qLx7ZrW4mB8nC1dF6gH3jS5yU',
        SCIM_TOKEN_PEPPER: 'qW8eR7tY6uI5oP4aS3dF2gH1jK0lZ9xC',
      },
    });
    const { text } = await request(app.url).get('/docs/swagger-ui-init.js');
    expect(text).toContain(`"persistAuthorization": ${String(keeps)}`);
    await app.close();
  });

  it('is not there where the docs are switched off', async () => {
    const app = await startTestApp({ env: { DOCS_ENABLED: 'false' } });
    for (const path of ['/docs', '/openapi.json']) {
      expect((await request(app.url).get(path)).status).toBe(404);
    }
    await app.close();
  });
});
