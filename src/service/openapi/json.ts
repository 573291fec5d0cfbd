// Looks into documents that others wrote: what is not there, or is something else, reads as empty.

/** A JSON object, nothing known of its members. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether it is a JSON object; null and lists are none. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object, or an empty one. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

/** The list, or an empty one. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The string without white space around it, or an empty one. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** An object with the same keys. */
export function mapValues(
  value: JsonObject,
  change: (entry: unknown, key: string) => unknown,
): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, change(entry, key)]));
}
