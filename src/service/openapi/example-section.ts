import { isObject, objectOf, textOf, type JsonObject } from './json';
import { inline } from './markdown';

const FORM = 'application/x-www-form-urlencoded';

/** The blocks of a body's examples, each to be copied as it stands; none where the document has none. */
export function exampleBlocks(holder: JsonObject, of: string): string[] {
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
  if (mediaType === FORM && isObject(value)) {
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
