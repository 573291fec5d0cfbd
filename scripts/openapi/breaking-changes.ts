/** An OpenAPI 3.1 document, or a part of one. */
export type Json = Readonly<Record<string, unknown>>;

/** Who sends what a schema describes: what may be taken away differs. */
type Sender = 'client' | 'server';

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];

/**
 * What of `released` a client can no longer rely on in `current`, one line each: an operation, a response
 * or a property of one that is gone, a type that is another, something that must be sent now.
 */
export function breakingChanges(released: Json, current: Json): string[] {
  return new Comparison(released, current).run();
}

class Comparison {
  private readonly found: string[] = [];
  private readonly seen = new Set<string>();

  constructor(
    private readonly released: Json,
    private readonly current: Json,
  ) {}

  run(): string[] {
    const paths = object(this.current.paths);
    for (const [path, item] of Object.entries(object(this.released.paths))) {
      for (const method of METHODS.filter((name) => name in object(item))) {
        const at = `${method.toUpperCase()} ${path}`;
        const now = object(object(paths[path])[method]);
        if (Object.keys(now).length === 0) this.found.push(`${at}: is gone`);
        else this.operation(at, object(object(item)[method]), now);
      }
    }
    return this.found;
  }

  private operation(at: string, was: Json, now: Json): void {
    if (was.operationId !== now.operationId) this.found.push(`${at}: has another operationId`);
    this.parameters(at, was, now);
    const body = object(now.requestBody);
    if (body.required === true && object(was.requestBody).required !== true) {
      this.found.push(`${at}: needs a body now`);
    }
    this.content(`${at}, body`, object(was.requestBody), body, 'client');
    for (const [status, response] of Object.entries(object(was.responses))) {
      const answer = object(now.responses)[status];
      if (answer === undefined) this.found.push(`${at}: no longer answers ${status}`);
      else this.content(`${at}, ${status}`, object(response), object(answer), 'server');
    }
  }

  private parameters(at: string, was: Json, now: Json): void {
    const key = ({ in: place, name }: Json): string => `${String(place)} parameter ${String(name)}`;
    const before = new Map(list(was.parameters).map((parameter) => [key(parameter), parameter]));
    const after = new Map(list(now.parameters).map((parameter) => [key(parameter), parameter]));
    for (const [name, parameter] of before) {
      const kept = after.get(name);
      if (!kept) this.found.push(`${at}: ${name} is gone`);
      else this.schema(`${at}, ${name}`, object(parameter.schema), object(kept.schema), 'client');
    }
    for (const [name, { required }] of after) {
      if (required === true && before.get(name)?.required !== true) {
        this.found.push(`${at}: ${name} must be sent now`);
      }
    }
  }

  private content(at: string, was: Json, now: Json, sender: Sender): void {
    for (const [type, media] of Object.entries(object(was.content))) {
      const kept = object(now.content)[type];
      if (kept === undefined) this.found.push(`${at}: ${type} is gone`);
      else this.schema(at, object(object(media).schema), object(object(kept).schema), sender);
    }
  }

  private schema(at: string, unresolved: Json, unresolvedNow: Json, sender: Sender): void {
    const was = resolve(this.released, unresolved);
    const current = resolve(this.current, unresolvedNow);
    const [first, ...others] = was.oneOf === undefined ? list(current.oneOf) : [];
    if (sender === 'server' && first) {
      this.found.push(`${at}: may now be one of ${others.length + 1}`);
      this.schema(at, unresolved, first, sender);
      return;
    }
    const now = sender === 'client' && !takesNull(was) ? withoutNull(current) : current;
    if (typeof unresolved.$ref === 'string') {
      // Once a schema and sender: it may hold itself, and many operations share it.
      const pair = `${sender} ${unresolved.$ref} ${String(unresolvedNow.$ref)}`;
      if (this.seen.has(pair)) return;
      this.seen.add(pair);
    }
    if (JSON.stringify(shape(was)) !== JSON.stringify(shape(now))) {
      this.found.push(`${at}: is no longer ${JSON.stringify(shape(was))}`);
    }
    this.values(at, was, now, sender);
    this.properties(at, was, now, sender);
    if (was.items !== undefined) {
      this.schema(`${at}[]`, object(was.items), object(now.items), sender);
    }
    list(was.anyOf).forEach((option, index) => {
      const other = list(now.anyOf)[index];
      if (other) this.schema(at, option, other, sender);
    });
  }

  /** A client may send what it could send; it need not know what it could not get. */
  private values(at: string, was: Json, now: Json, sender: Sender): void {
    if (!Array.isArray(was.enum)) return;
    const before = was.enum as unknown[];
    const after = Array.isArray(now.enum) ? (now.enum as unknown[]) : before;
    const [from, to, verb] =
      sender === 'client' ? [before, after, 'no longer takes'] : [after, before, 'may now be'];
    const changed = from.filter((value) => !to.includes(value));
    if (changed.length > 0) this.found.push(`${at}: ${verb} ${changed.join(', ')}`);
  }

  private properties(at: string, was: Json, now: Json, sender: Sender): void {
    const after = object(now.properties);
    for (const [name, property] of Object.entries(object(was.properties))) {
      if (name in after) {
        this.schema(`${at}.${name}`, object(property), object(after[name]), sender);
      } else {
        this.found.push(`${at}.${name}: is gone`);
      }
    }
    const required = (schema: Json): unknown[] => (schema.required ?? []) as unknown[];
    const [from, to, text] =
      sender === 'client'
        ? [required(now), required(was), 'must be sent now']
        : [required(was), required(now), 'may be missing now'];
    for (const name of from) {
      if (!to.includes(name)) this.found.push(`${at}.${String(name)}: ${text}`);
    }
  }
}

/** What a value's type is, without what describes it. */
function shape({ type, format, const: constant, anyOf }: Json): unknown {
  return {
    type,
    format,
    const: constant,
    anyOf: anyOf === undefined ? undefined : list(anyOf).length,
  };
}

function takesNull({ anyOf }: Json): boolean {
  return list(anyOf).some(({ type }) => type === 'null');
}

/** What is taken beside null, where that is one kind of value. */
function withoutNull(schema: Json): Json {
  const [option, ...others] = list(schema.anyOf).filter(({ type }) => type !== 'null');
  if (!takesNull(schema) || !option || others.length > 0) return schema;
  const { anyOf: _, ...rest } = schema;
  return { ...rest, ...option };
}

function resolve(document: Json, schema: Json): Json {
  if (typeof schema.$ref !== 'string') return schema;
  const path = schema.$ref.replace(/^#\//, '').split('/');
  return path.reduce<Json>((part, name) => object(part[name]), document);
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(object) : [];
}
