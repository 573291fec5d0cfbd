/**
 * The names in a parameter that lists attributes: separated by commas, which in quotes are part of a
 * value; of a repeated parameter all of them.
 *
 * @param most names that are read
 */
export function splitNames(parameter: unknown, most: number): string[] {
  const given: unknown[] = Array.isArray(parameter) ? parameter : [parameter];
  const texts = given.filter((text) => typeof text === 'string');
  return texts
    .flatMap(splitText)
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .slice(0, most);
}

function splitText(text: string): string[] {
  const names: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\' && isQuoted) at += 1;
    else if (character === ',' && !isQuoted) {
      names.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...names, text.slice(start)];
}
