import { isRecord } from '../../src/core/checks';
import { objectOf, textOf, type JsonObject } from '../../src/service/openapi/schemas';
import { cell, code, inline, table } from './markdown';
import { contentSchemas, parameterSchema, type Operation } from './operations';
import { typeText, type Link } from './type-text';

const FORM = 'application/x-www-form-urlencoded';

/** The blocks of one endpoint. What the document does not say is left out. */
export function endpointSection(entry: Operation, link: Link): string[] {
  const { method, path, operation, parameters, requestBody, responses } = entry;
  const summary = inline(textOf(operation.summary));
  const description = textOf(operation.description);
  const open = Array.isArray(operation.security) && operation.security.length === 0;
  return [
    `### **${method.toUpperCase()}** ${code(path)}`,
    ...(summary ? [`_${summary}_`] : []),
    ...(operation.deprecated === true ? ['**Deprecated.**'] : []),
    ...(description ? [description] : []),
    ...(open ? ['No authentication required.'] : []),
    ...(parameters.length > 0 ? ['**Parameters:**', parameterTable(parameters, link)] : []),
    ...(requestBody ? requestSection(requestBody, link) : []),
    ...(requestBody ? exampleBlocks(requestBody, 'request') : []),
    ...(responses.length > 0 ? ['**Responses:**', responseTable(responses, link)] : []),
    ...successes(responses).flatMap(exampleOfResponse),
    '---',
  ];
}

function parameterTable(parameters: readonly JsonObject[], link: Link): string {
  const rows = parameters.map((parameter) => {
    const schema = parameterSchema(parameter);
    const description = textOf(parameter.description) || textOf(objectOf(schema).description);
    return [
      code(textOf(parameter.name)),
      cell(textOf(parameter.in)),
      parameter.required === true ? 'yes' : 'no',
      typeText(schema, link),
      cell(description),
    ];
  });
  return table(['Name', 'In', 'Required', 'Type', 'Description'], rows);
}

function requestSection(body: JsonObject, link: Link): string[] {
  const description = textOf(body.description);
  const contents = contentTexts(body, link).map((text) => `- ${text}`);
  return [
    '**Request body:**',
    body.required === true ? 'Required.' : 'Optional.',
    ...(description ? [description] : []),
    ...(contents.length > 0 ? [contents.join('\n')] : []),
  ];
}

/** A response's description is told only where there is no body to tell of. */
function responseTable(responses: Operation['responses'], link: Link): string {
  const rows = responses.map(([status, response]) => [
    code(status),
    contentTexts(response, link).join('<br>') || cell(textOf(response.description)),
  ]);
  return table(['Status', 'Body'], rows);
}

function successes(responses: Operation['responses']): Operation['responses'] {
  return responses.filter(([status]) => status.startsWith('2'));
}

function exampleOfResponse([status, response]: Operation['responses'][number]): string[] {
  return exampleBlocks(response, `response ${code(status)}`);
}

function contentTexts(holder: JsonObject, link: Link): string[] {
  return contentSchemas(holder).map(
    ([mediaType, schema]) => `${code(mediaType)} → ${typeText(schema, link)}`,
  );
}

/** The blocks of a body's examples, each to be copied as it stands; none where the document has none. */
function exampleBlocks(holder: JsonObject, of: string): string[] {
  return Object.entries(objectOf(holder.content)).flatMap(([mediaType, media]) =>
    examplesOf(objectOf(media)).flatMap(([summary, value]) => [
      `**Example ${of}**${summary ? ` (${inline(summary)})` : ''}:`,
      fenced(mediaType, value),
    ]),
  );
}

/** A body's examples with what each shows, where that is said. */
function examplesOf(media: JsonObject): readonly (readonly [summary: string, value: unknown])[] {
  if ('example' in media) return [['', media.example]];
  return Object.values(objectOf(media.examples))
    .map(objectOf)
    .filter((example) => 'value' in example)
    .map((example) => [textOf(example.summary), example.value]);
}

function fenced(mediaType: string, value: unknown): string {
  if (mediaType === FORM && isRecord(value)) {
    const fields = Object.entries(value).map(([name, field]): [string, string] => [
      name,
      String(field),
    ]);
    return block('text', new URLSearchParams(fields).toString());
  }
  return typeof value === 'string'
    ? block('text', value.trimEnd())
    : block('json', JSON.stringify(value, null, 2));
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}
