import { isRecord } from '../../src/core/checks';
import {
  listOf,
  objectOf,
  textOf,
  type JsonObject,
  childrenOf,
  resolve,
  schemaName,
  schemasOf,
} from '../../src/service/openapi/schemas';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'];

/** An operation with everything around it resolved: what a page says of it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly tags: readonly string[];
  readonly operation: JsonObject;
  readonly parameters: readonly JsonObject[];
  readonly requestBody: JsonObject | undefined;
  readonly responses: readonly (readonly [status: string, response: JsonObject])[];
}

/** Where operations without a tag go. */
export const UNTAGGED = 'default';

/** The document's operations in the document's order. */
export function operationsOf(document: JsonObject): readonly Operation[] {
  return Object.entries(objectOf(document.paths)).flatMap(([path, item]) =>
    Object.entries(resolve(document, item)).flatMap(([method, operation], _, entries) => {
      if (!METHODS.includes(method) || !isRecord(operation)) return [];
      const shared = listOf(Object.fromEntries(entries).parameters);
      return [readOperation(document, path, method, operation, shared)];
    }),
  );
}

function readOperation(
  document: JsonObject,
  path: string,
  method: string,
  operation: JsonObject,
  shared: readonly unknown[],
): Operation {
  const tags = listOf(operation.tags).map(textOf).filter(Boolean);
  return {
    method,
    path,
    tags: tags.length > 0 ? tags : [UNTAGGED],
    operation,
    parameters: mergeParameters(document, shared, listOf(operation.parameters)),
    requestBody: isRecord(operation.requestBody)
      ? resolve(document, operation.requestBody)
      : undefined,
    responses: Object.entries(objectOf(operation.responses))
      .filter(([status]) => !status.startsWith('x-'))
      .map(([status, response]) => [status, resolve(document, response)]),
  };
}

/** The path's parameters and the operation's own, which override by name and place. */
function mergeParameters(
  document: JsonObject,
  shared: readonly unknown[],
  own: readonly unknown[],
): readonly JsonObject[] {
  const merged = new Map<string, JsonObject>();
  for (const entry of [...shared, ...own]) {
    const parameter = resolve(document, entry);
    merged.set(`${textOf(parameter.in)} ${textOf(parameter.name)}`, parameter);
  }
  return [...merged.values()];
}

/** The schemas of a `content`, by media type. */
export function contentSchemas(holder: JsonObject): readonly (readonly [string, unknown])[] {
  return Object.entries(objectOf(holder.content)).map(([mediaType, content]) => [
    mediaType,
    objectOf(content).schema,
  ]);
}

/** A parameter's schema, wherever it stands. */
export function parameterSchema(parameter: JsonObject): unknown {
  return parameter.schema ?? contentSchemas(parameter)[0]?.[1];
}

/** Names of the schemas that the operations refer to, directly or through others, in order. */
export function referencedSchemas(
  document: JsonObject,
  operations: readonly Operation[],
): readonly string[] {
  const schemas = schemasOf(document);
  const found = new Set<string>();
  const visit = (schema: unknown): void => {
    if (!isRecord(schema)) return;
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
