/** A request of a provider, and what has to come back. */
export interface ScimStep {
  name: string;
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  raw_body?: string;
  save?: Record<string, string>;
  expect: Expectation;
}

export interface ScimScenario {
  scenario: string;
  steps: ScimStep[];
}

interface Expectation {
  status: number | number[];
  headers?: Record<string, string | string[]>;
  body_contains?: unknown;
  one_of?: unknown[];
  /** One, or several: none of them may be a part of the body. */
  body_lacks?: unknown;
  absent?: string[];
  unassigned?: string[];
  lengths?: Record<string, number>;
}

type Variables = Map<string, string>;

/** Sends the steps of one scenario in their order, each with what earlier ones saved. */
export class ScimScenarioRun {
  private readonly variables: Variables = new Map();

  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  /** Sends one step and checks its answer. */
  async step(given: ScimStep): Promise<void> {
    const step = fill(given, this.variables) as ScimStep;
    const response = await fetch(`${this.base}${encodePath(step.path)}`, {
      method: step.method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(step.body !== undefined && { 'content-type': 'application/scim+json' }),
        ...step.headers,
      },
      body: step.raw_body ?? (step.body === undefined ? null : JSON.stringify(step.body)),
    });
    const text = await response.text();
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    check(step.expect, response, body);
    for (const [variable, where] of Object.entries(step.save ?? {})) {
      this.variables.set(variable, String(at(body, where)));
    }
  }
}

/** Written plainly, sent percent-encoded; what is encoded already stays. */
function encodePath(path: string): string {
  return path.replace(/[^\w\-.~!*'(),;:@&=+$/?%]/g, (character) => encodeURIComponent(character));
}

function fill(value: unknown, variables: Variables): unknown {
  return JSON.parse(
    JSON.stringify(value).replace(/\{\{([^}]+)\}\}/g, (_, name: string) => {
      const known = variables.get(name);
      if (known === undefined) throw new Error(`Nothing saved as ${name}`);
      return JSON.stringify(known).slice(1, -1);
    }),
  );
}

/** What is not checked must not look as if it were. */
const EXPECTATIONS: Record<keyof Expectation, true> = {
  status: true,
  headers: true,
  body_contains: true,
  one_of: true,
  body_lacks: true,
  absent: true,
  unassigned: true,
  lengths: true,
};

function check(expected: Expectation, response: Response, body: unknown): void {
  expect(Object.keys(expected).filter((key) => !(key in EXPECTATIONS))).toEqual([]);
  const statuses = [expected.status].flat();
  if (!statuses.includes(response.status)) {
    expect({ status: response.status, body }).toEqual({ status: expected.status, body });
  }
  const [first = 0] = statuses;
  if (Math.floor(response.status / 100) !== Math.floor(first / 100)) return;
  if (response.status === 204) return;
  for (const [name, value] of Object.entries(expected.headers ?? {})) {
    const sent = (response.headers.get(name) ?? '').split(';')[0];
    const wanted = [value]
      .flat()
      .map((one) => (one.startsWith('=') ? at(body, one.slice(1)) : one));
    // A path stands for every URL that has it.
    const isSent = wanted.some((one) =>
      typeof one === 'string' && one.startsWith('/') ? sent?.includes(one) : one === sent,
    );
    expect({ [name]: sent, wanted, isSent }).toEqual({ [name]: sent, wanted, isSent: true });
  }
  if (expected.body_contains !== undefined) expectContains(body, expected.body_contains);
  if (expected.one_of) {
    const found = expected.one_of.some((one) => contains(body, one));
    expect({ body, found }).toEqual({ body, found: true });
  }
  for (const lacked of expected.body_lacks === undefined ? [] : [expected.body_lacks].flat()) {
    expect({ body, contains: contains(body, lacked) }).toEqual({ body, contains: false });
  }
  for (const place of expected.absent ?? []) expect(allAt(body, place)).toEqual([]);
  for (const place of expected.unassigned ?? []) {
    const assigned = allAt(body, place).filter((value) => !isUnassigned(value));
    expect({ [place]: assigned }).toEqual({ [place]: [] });
  }
  for (const [place, length] of Object.entries(expected.lengths ?? {})) {
    expect({ [place]: (at(body, place) as unknown[] | undefined)?.length ?? 0 }).toEqual({
      [place]: length,
    });
  }
}

function expectContains(body: unknown, wanted: unknown): void {
  if (!contains(body, wanted)) expect(body).toEqual(wanted);
}

const isUnassigned = (value: unknown): boolean =>
  value === null || (Array.isArray(value) && value.length === 0);

/** Whether `wanted` is a part of `value`; of a list every wanted element is somewhere in it. */
function contains(value: unknown, wanted: unknown): boolean {
  if (typeof wanted === 'string' && wanted in KINDS)
    return KINDS[wanted as keyof typeof KINDS](value);
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(value) &&
      wanted.every((part) => value.some((element) => contains(element, part)))
    );
  }
  if (typeof wanted === 'object' && wanted !== null) {
    return (
      typeof value === 'object' &&
      value !== null &&
      Object.entries(wanted).every(([key, part]) =>
        contains((value as Record<string, unknown>)[key], part),
      )
    );
  }
  return value === wanted;
}

const KINDS = {
  '<string>': (value: unknown) => typeof value === 'string' && value !== '',
  '<integer>': (value: unknown) => Number.isInteger(value),
  '<boolean>': (value: unknown) => typeof value === 'boolean',
  '<time>': (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
};

const at = (body: unknown, place: string): unknown =>
  place
    .split('.')
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);

/** Every value at a place; a list on the way is stepped into, element by element. */
function allAt(body: unknown, place: string): unknown[] {
  return place.split('.').reduce<unknown[]>(
    (values, key) =>
      values
        .flatMap((value) => (Array.isArray(value) ? (value as unknown[]) : [value]))
        .map((value) => (value as Record<string, unknown> | null | undefined)?.[key])
        .filter((value) => value !== undefined),
    [body],
  );
}
