/** Whether a value is an object with properties of any kind, and no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a text has so many characters. */
export function isAtLeast(text: string, min: number): boolean {
  return text.length >= 2 * min || codePoints(text) >= min;
}

/** Whether a text has no more characters than these. What is far too long is not counted. */
export function isAtMost(text: string, max: number): boolean {
  return text.length <= max || (text.length <= 2 * max && codePoints(text) <= max);
}

/** Characters as people count them, not UTF-16 units: a code point has one or two. */
function codePoints(text: string): number {
  return Array.from(text).length;
}
