import type { Answer } from './scenario';
import { strikesOut } from './strike-out';

/** Milliseconds an answer may take: no provider waits longer. */
const TIMEOUT_MS = 30_000;
/** Most bytes of an answer that are read. */
const MAX_BYTES = 8 * 1024 * 1024;
/** Requests in a row without an answer after which none is sent any more. */
const MOST_UNANSWERED = 3;

/** A request below the base URL. */
export interface ScimRequest {
  readonly method: string;
  /** Written plainly, sent percent-encoded; what is encoded already stays. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  readonly body?: string | undefined;
}

/** The server gave no answer, or none that can be read; the message says why. */
export class NoAnswerError extends Error {}

/** Sends requests with the token, to this server alone: no redirect is followed. */
export class ScimConnection {
  /** Takes the token out of a text. */
  readonly strikeOut: (text: string) => string;
  /** Requests that were sent. */
  sent = 0;
  private unanswered = 0;

  /**
   * @param base URL without a slash at its end
   * @param token what follows `Bearer `
   * @param alsoSecret other values that must not be told
   */
  constructor(
    private readonly base: string,
    readonly token: string,
    alsoSecret: readonly string[] = [],
  ) {
    this.strikeOut = strikesOut([token, ...alsoSecret]);
  }

  /** Whether the server has ceased to answer. */
  get isLost(): boolean {
    return this.unanswered >= MOST_UNANSWERED;
  }

  /**
   * Sends one request.
   *
   * @throws NoAnswerError
   */
  async send({ method, path, headers = {}, body }: ScimRequest): Promise<Answer> {
    if (this.isLost) throw new NoAnswerError('The server has ceased to answer');
    const all: Readonly<Record<string, string | null>> = {
      accept: 'application/scim+json',
      authorization: `Bearer ${this.token}`,
      ...(body !== undefined && { 'content-type': 'application/scim+json; charset=utf-8' }),
      ...headers,
    };
    this.sent += 1;
    try {
      const response = await fetch(this.base + encodePath(path), {
        method,
        headers: Object.entries(all).filter(
          (entry): entry is [string, string] => entry[1] !== null,
        ),
        body: body ?? null,
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      const text = await readText(response);
      this.unanswered = 0;
      return {
        status: response.status,
        headers: new Map(response.headers),
        text,
        body: parsed(text),
      };
    } catch (error) {
      this.unanswered += 1;
      const { message, cause } = error as Error & { cause?: Error & { code?: string } };
      const why = cause?.code ?? cause?.message ?? message;
      throw new NoAnswerError(this.strikeOut(`No answer (${why})`));
    }
  }
}

function encodePath(path: string): string {
  return path.replace(/[^\w\-.~!*'(),;:@&=+$/?%]/gu, (character) => encodeURIComponent(character));
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > MAX_BYTES) throw new Error(`more than ${MAX_BYTES} bytes`);
  }
  return text + decoder.decode();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
