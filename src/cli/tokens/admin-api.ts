import { UsageError } from '../command-line';

const PATH = '/api/v1/admin/scim-tokens/';
/** Milliseconds an answer may take. */
const TIMEOUT_MS = 30_000;

/** A token as the admin API shows it. */
export interface TokenView {
  readonly id: string;
  readonly tenant_id: string;
  readonly name: string;
  readonly status: string;
  /** Null for one that does not expire. */
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly health: { readonly state: string };
}

/** The same with what no later answer holds: a value, or a client's secret, if it has one. */
export interface TokenWithValue extends TokenView {
  readonly token?: string;
  readonly client_secret?: string;
}

/** Calls the admin API of a running service with an admin's JWT. */
export class AdminApi {
  constructor(
    private readonly url: string,
    private readonly jwt: string,
  ) {
    if (!/^[\w.~+/=-]+$/.test(jwt)) throw new UsageError('The admin JWT given is none');
  }

  /**
   * Calls an operation below `/api/v1/admin/scim-tokens/`.
   *
   * @throws Error that says what the service refused, or that none answers
   */
  async call<Answer>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    body?: object,
  ): Promise<Answer> {
    const { answer, text } = await this.send(method, path, body);
    const content = answer.status === 204 ? undefined : contentOf(text);
    if (!answer.ok || content === null) throw new Error(refusal(answer, content?.detail));
    return content as Answer;
  }

  private async send(
    method: string,
    path: string,
    body: object | undefined,
  ): Promise<{ answer: Response; text: string }> {
    try {
      const answer = await fetch(this.url + PATH + path, {
        method,
        headers: {
          authorization: `Bearer ${this.jwt}`,
          ...(body && { 'content-type': 'application/json' }),
        },
        ...(body && { body: JSON.stringify(body) }),
        // The JWT is for this service alone.
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { answer, text: await answer.text() };
    } catch (error) {
      const { message, cause } = error as Error & { cause?: Error & { code?: string } };
      const why = cause?.code ?? cause?.message ?? message;
      throw new Error(
        `No answer from ${this.url} (${why}): is the service running there? --url names another`,
      );
    }
  }
}

/**
 * An id's place in a path. A value is no id: it would stand in logs of URLs.
 *
 * @param name of the argument or option that it came by
 */
export function tokenPath(id: string, name = '<id>'): string {
  if (!/^sct_[0-9a-f]{32}$/.test(id))
    throw new UsageError(`${name} takes a token id such as sct_…, no value`);
  return id;
}

interface FieldError {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

function refusal({ ok, status, headers }: Response, detail: unknown): string {
  const id = headers.get('x-request-id');
  const [seconds] = /^\d+$/.exec(headers.get('retry-after') ?? '') ?? [];
  return [
    `${ok ? 'Answered' : 'Refused'} with ${status}${id === null ? '' : ` (request ${id})`}:`,
    ...(Array.isArray(detail)
      ? (detail as FieldError[]).map(fieldLine)
      : [`  ${typeof detail === 'string' ? detail : 'no answer of the admin API'}`]),
    ...(seconds === undefined ? [] : [`  Try again in ${seconds} s`]),
    ...(status === 401
      ? ['  A JWT in development: nest-scim-tokens token --role super_admin']
      : []),
  ].join('\n');
}

/** An error of the body as a whole names no field. */
function fieldLine({ loc, msg }: FieldError): string {
  const field = loc.slice(1).join('.');
  return field === '' ? `  ${msg}` : `  ${field}: ${msg}`;
}

/** Null for what is no JSON: it comes from somebody else, such as a proxy. */
function contentOf(text: string): { readonly detail?: unknown } | null {
  try {
    return Object(JSON.parse(text)) as { detail?: unknown };
  } catch {
    return null;
  }
}
