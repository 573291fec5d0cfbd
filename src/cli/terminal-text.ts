/** A terminal would obey control characters; directions and the like would hide others. */
export function visible(text: string): string {
  return text.replace(
    /\p{C}/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

/**
 * JSON in which such characters are escaped: the same to every parser, and harmless on a terminal.
 *
 * @param indent spaces of each level; one line without it
 */
export function printableJson(value: unknown, indent?: number): string {
  // Line feeds are indentation here: within texts JSON has escaped them.
  return JSON.stringify(value, null, indent).replace(/[^\P{C}\n]/gu, (character) =>
    Array.from(
      { length: character.length },
      (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`,
    ).join(''),
  );
}
