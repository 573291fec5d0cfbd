import { formPairs } from '../form-pairs';

/** A URL's query parameters, decoded; of a repeated one the last. */
export function parseQuery(url: string): Readonly<Record<string, string>> {
  const start = url.indexOf('?');
  const query = start === -1 ? '' : url.slice(start + 1);
  // No prototype: a parameter may be called `__proto__`.
  const parameters = Object.create(null) as Record<string, string>;
  for (const [name, value] of formPairs(query)) parameters[name] = value;
  return parameters;
}
