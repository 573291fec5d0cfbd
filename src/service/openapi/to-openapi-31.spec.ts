import type { OpenAPIObject } from '@nestjs/swagger';
import { toOpenApi31 } from './to-openapi-31';

const convert = (schema: object): unknown => {
  const document = { openapi: '3.0.0', paths: {}, components: { schemas: { S: schema } } };
  return toOpenApi31(document as unknown as OpenAPIObject).components?.schemas?.S;
};

describe('toOpenApi31', () => {
  it.each([
    [
      { type: 'string', nullable: true, maxLength: 5, description: 'd', example: 'x', title: 'T' },
      {
        anyOf: [{ type: 'string', maxLength: 5 }, { type: 'null' }],
        description: 'd',
        example: 'x',
        title: 'T',
      },
    ],
    [
      { type: ['string', 'null'], format: 'date-time' },
      { anyOf: [{ type: 'string', format: 'date-time' }, { type: 'null' }] },
    ],
    [
      { type: 'object', properties: { a: { type: 'integer', nullable: true } } },
      { type: 'object', properties: { a: { anyOf: [{ type: 'integer' }, { type: 'null' }] } } },
    ],
    [
      { type: 'array', items: { type: 'string', nullable: true } },
      { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'null' }] } },
    ],
    [{ type: 'string', nullable: false }, { type: 'string' }],
    [
      { type: 'object', example: { nullable: true } },
      { type: 'object', example: { nullable: true } },
    ],
  ])('writes %j the way of 3.1', (schema, expected) => {
    expect(convert(schema)).toEqual(expected);
  });

  it('changes nothing the second time', () => {
    const once = convert({ type: 'string', nullable: true });
    expect(convert(once as object)).toEqual(once);
  });
});
