import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import request from 'supertest';
import { startTestApp, tenantAdmin, TOKENS, type TestApp } from '../support/test-app';

interface Detail {
  loc: (string | number)[];
  type: string;
  msg?: string;
  msg_prefix?: string;
}

interface Case {
  id: string;
  method: 'GET' | 'POST' | 'PATCH';
  path: string;
  content_type: string | null;
  body: string | null;
  expect: { status: number; detail?: Detail[] };
}

const cases = JSON.parse(
  readFileSync(join(__dirname, '../contract/validation-cases.json'), 'utf8'),
) as Case[];

describe('Validation errors', () => {
  let app: TestApp;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('has all the recorded cases', () => {
    expect(cases).toHaveLength(103);
  });

  it.each(cases.map((item) => [item.id, item] as const))(
    'answers %s as recorded',
    async (_, item) => {
      const response = await send(item);
      expect(response.status).toBe(item.expect.status);
      if (item.expect.detail) {
        expect(comparable(response.body.detail, item.expect.detail)).toEqual(item.expect.detail);
      }
    },
  );

  it('leaves nothing behind after all of them', async () => {
    const list = await app.as(tenantAdmin()).get(TOKENS);
    expect(list.body.total).toBe(0);
  });

  async function send(item: Case): Promise<request.Response> {
    const method = item.method.toLowerCase() as 'get' | 'post' | 'patch';
    const call = app.as(tenantAdmin())[method](item.path);
    if (item.content_type) call.set('Content-Type', item.content_type);
    // Sent as bytes: supertest would otherwise re-encode a string body as JSON.
    return item.body === null
      ? call
      : call.serialize((body: unknown) => body as string).send(item.body);
  }
});

/** Puts the recorded wildcards in the place of what may vary: an offset, the tail of a message. */
function comparable(actual: Detail[], expected: Detail[]): Detail[] {
  return actual.map((error, index) => {
    const model = expected[index];
    const loc = error.loc.map((part, at) =>
      model?.loc[at] === '<offset>' && Number.isInteger(part) ? '<offset>' : part,
    );
    if (model?.msg_prefix !== undefined && error.msg?.startsWith(model.msg_prefix)) {
      return { loc, type: error.type, msg_prefix: model.msg_prefix };
    }
    return { ...error, loc };
  });
}
