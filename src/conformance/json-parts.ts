/** Words of an expectation that stand for any value of a kind. */
const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  '<string>': (value) => typeof value === 'string' && value !== '',
  '<integer>': (value) => Number.isInteger(value),
  '<boolean>': (value) => typeof value === 'boolean',
  '<time>': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

/** Whether a value is the wanted one, or of the wanted kind. */
export function isWanted(value: unknown, wanted: unknown): boolean {
  const isKind = typeof wanted === 'string' ? KINDS[wanted] : undefined;
  return isKind ? isKind(value) : value === wanted;
}

/** A part that is not as wanted: its place, what was wanted and what is there. */
interface Mismatch {
  readonly place: string;
  readonly wanted: unknown;
  readonly value: unknown;
}

/**
 * The first part of `wanted` that is not in `value`; null where all of it is. Of a list every wanted element has to
 * be somewhere in it.
 */
export function mismatch(value: unknown, wanted: unknown, place = ''): Mismatch | null {
  if (Array.isArray(wanted)) {
    const elements: unknown[] = Array.isArray(value) ? value : [];
    const missing: unknown = wanted.find(
      (part) => !elements.some((element) => mismatch(element, part) === null),
    );
    if (missing === undefined && Array.isArray(value)) return null;
    // Of one element for one wanted, what it lacks says more than that it is another.
    return elements.length === 1 && wanted.length === 1
      ? mismatch(elements[0], missing, `${place}[0]`)
      : { place, wanted, value };
  }
  if (typeof wanted === 'object' && wanted !== null) {
    if (typeof value !== 'object' || value === null) return { place, wanted, value };
    for (const [key, part] of Object.entries(wanted)) {
      const inner = (value as Readonly<Record<string, unknown>>)[key];
      const found = mismatch(inner, part, place === '' ? key : `${place}.${key}`);
      if (found) return found;
    }
    return null;
  }
  return isWanted(value, wanted) ? null : { place, wanted, value };
}

/** The value at a dotted place; undefined where there is none. */
export const at = (body: unknown, place: string): unknown =>
  place
    .split('.')
    .reduce<unknown>(
      (value, key) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[key],
      body,
    );

/** Every value at a place; a list on the way is stepped into, element by element. */
export function allAt(body: unknown, place: string): unknown[] {
  return place.split('.').reduce<unknown[]>(
    (values, key) =>
      values
        .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
        .map((value) => (value as Readonly<Record<string, unknown>> | null | undefined)?.[key])
        .filter((value) => value !== undefined),
    [body],
  );
}
