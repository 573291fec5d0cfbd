import { allAt, at, isWanted, mismatch } from './json-parts';
import type { Answer, Expectation, Problem } from './scenario';

/** What of an error tells whoever asked why it was refused. */
const ERROR_PARTS = ['scimType', 'detail', 'message', 'error', 'error_description', 'title'];

type Check = (expected: Expectation, answer: Answer) => Problem[];

/**
 * What is not as expected; nothing where all of it is.
 *
 * @param earlier answers of the scenario's steps, by their names
 */
export function problemsOf(
  expected: Expectation,
  answer: Answer,
  earlier: ReadonlyMap<string, Answer>,
): Problem[] {
  const statuses = [expected.status].flat();
  if (!statuses.includes(answer.status)) {
    return [{ expected: statuses.join(' or '), came: String(answer.status) }];
  }
  const [first = 0] = statuses;
  const isOtherClass = Math.floor(answer.status / 100) !== Math.floor(first / 100);
  if (isOtherClass || answer.status === 204) return [];
  return [
    ...[headers, contained, oneOf, lacked, absent, unassigned, lengths].flatMap((check) =>
      check(expected, answer),
    ),
    ...sameAs(expected, answer, earlier),
  ];
}

const headers: Check = ({ headers: wanted = {} }, answer) =>
  Object.entries(wanted).flatMap(([name, value]) => {
    const sent = answer.headers.get(name)?.split(';')[0];
    const values = [value]
      .flat()
      .map((one) => (one.startsWith('=') ? at(answer.body, one.slice(1)) : one));
    // A path stands for every URL that has it.
    const isSent = values.some((one) =>
      typeof one === 'string' && one.startsWith('/') ? sent?.includes(one) : isWanted(sent, one),
    );
    return isSent ? [] : [problem(`header ${name}`, values.join(' or '), sent)];
  });

const contained: Check = ({ body_contains: wanted }, { body }) => {
  const found = wanted === undefined ? null : mismatch(body, wanted);
  return found ? [problem(found.place || 'the body', found.wanted, found.value)] : [];
};

const oneOf: Check = ({ one_of: wanted }, { body }) =>
  !wanted || wanted.some((one) => mismatch(body, one) === null)
    ? []
    : [{ expected: `one of ${shown(wanted)}`, came: shown(body) }];

const lacked: Check = ({ body_lacks: unwanted }, { body }) =>
  (unwanted === undefined ? [] : [unwanted].flat())
    .filter((part) => mismatch(body, part) === null)
    .map((part) => ({ expected: `no ${shown(part)}`, came: shown(part) }));

const absent: Check = ({ absent: places = [] }, { body }) =>
  places.flatMap((place) => nothingAt(place, allAt(body, place)));

const unassigned: Check = ({ unassigned: places = [] }, { body }) =>
  places.flatMap((place) =>
    nothingAt(
      place,
      allAt(body, place).filter(
        (value) => value !== null && !(Array.isArray(value) && value.length === 0),
      ),
    ),
  );

const lengths: Check = ({ lengths: wanted = {} }, { body }) =>
  Object.entries(wanted).flatMap(([place, length]) => {
    const value = at(body, place);
    const found = Array.isArray(value) ? value.length : 0;
    return found === length ? [] : [problem(`elements of ${place}`, length, found)];
  });

function sameAs(
  { same_as: name }: Expectation,
  answer: Answer,
  earlier: ReadonlyMap<string, Answer>,
): Problem[] {
  const other = name === undefined ? undefined : earlier.get(name);
  if (!other) return [];
  const [wanted, found] = [other, answer].map(({ body, text }) =>
    typeof body === 'object' ? shown(ERROR_PARTS.map((part) => at(body, part))) : text,
  );
  return wanted === found
    ? []
    : [
        {
          expected: `the answer to "${name ?? ''}": ${shown(other.body)}`,
          came: shown(answer.body),
        },
      ];
}

const nothingAt = (place: string, found: readonly unknown[]): Problem[] =>
  found.length === 0 ? [] : [{ expected: `no ${place}`, came: `${place} ${shown(found[0])}` }];

const problem = (place: string, wanted: unknown, value: unknown): Problem => ({
  expected: `${place} ${shown(wanted)}`,
  came: `${place} ${value === undefined ? 'missing' : shown(value)}`,
});

const shown = (value: unknown): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
