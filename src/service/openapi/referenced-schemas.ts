import { isObject, type JsonObject } from './json';
import { contentSchemas, parameterSchema, type Operation } from './operations';
import { schemaName, schemasOf } from './references';
import { childrenOf } from './schema-children';

/** Names of the schemas that the operations refer to, directly or through others, in order. */
export function referencedSchemas(
  document: JsonObject,
  operations: readonly Operation[],
): readonly string[] {
  const schemas = schemasOf(document);
  const found = new Set<string>();
  const visit = (schema: unknown): void => {
    if (!isObject(schema)) return;
    childrenOf(schema).forEach(visit);
    const name = typeof schema.$ref === 'string' ? schemaName(schema.$ref) : undefined;
    if (name === undefined || found.has(name) || !Object.hasOwn(schemas, name)) return;
    found.add(name);
    visit(schemas[name]);
  };
  operations.flatMap(schemasIn).forEach(visit);
  return [...found].sort();
}

function schemasIn({ parameters, requestBody, responses }: Operation): unknown[] {
  return [
    ...parameters.map(parameterSchema),
    ...[
      ...(requestBody ? [requestBody] : []),
      ...responses.map(([, response]) => response),
    ].flatMap((holder) => contentSchemas(holder).map(([, schema]) => schema)),
  ];
}
