/** What the setup page's API takes and returns, and a client of it. Imports nothing: a host's own page may use it alone. */

/** How an identity provider proves itself. */
export type AuthMethod = 'bearer' | 'client_credentials' | 'workload_identity';

/** One value to enter in a provider's console, under the console's own label. */
export interface Field {
  readonly label: string;
  /** What to enter; where `fills` is there, words that stand for it. */
  readonly value: string;
  /** Which of the made values goes in here; `own`: something of the reader's own. */
  readonly fills?: 'token' | 'client_id' | 'client_secret' | 'own';
}

/** What to do in a provider's console for one method; labels of the console stand in straight quotes. */
export interface Method {
  readonly auth_method: AuthMethod;
  readonly recommended: boolean;
  readonly fields: readonly Field[];
  readonly steps: readonly string[];
  readonly notes: readonly string[];
}

/** An identity provider and its methods, the recommended one first. */
export interface Provider {
  readonly id: string;
  readonly name: string;
  readonly methods: readonly Method[];
}

/** Whose assertions a workload identity proves itself by: each compared as an exact text. */
export interface Trust {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  readonly tenant_id?: string | null;
  readonly authorized_party?: string | null;
}

/** What a signed assertion said; null for a claim that it has not. */
export interface PresentedClaims {
  readonly iss: string | null;
  readonly sub: string | null;
  /** A list as JSON. */
  readonly aud: string | null;
  readonly tid: string | null;
  /** `azp`, or else `appid`. */
  readonly azp: string | null;
}

/** What the link made, or is there to renew. Times are ISO 8601. */
export interface Connection {
  readonly id: string;
  readonly name: string;
  readonly auth_method: AuthMethod;
  readonly client_id: string | null;
  /** What a workload identity's assertions are held against; null for the other methods. */
  readonly trust?: Trust | null;
  readonly last_four: string | null;
  readonly status: 'active' | 'disabled' | 'expired' | 'revoked';
  /** When the value stops working; null only for a workload identity: never. */
  readonly expires_at: string | null;
  /** When the newest value was first accepted. */
  readonly first_used_at: string | null;
  /** When any value of it was last accepted. */
  readonly last_used_at: string | null;
  /** How it is, whatever value is used: refused or silent for too long is told a while after it is so. */
  readonly health: {
    readonly state: 'unused' | 'ok' | 'failing' | 'quiet' | 'ended';
    readonly since: string;
    /** The hint of the last refusal where it is failing, whole hours since the last use where it is quiet. */
    readonly detail: string | number | null;
  };
  /** Where the change-over to a newer value stands; null where none is under way. */
  readonly rotation: { readonly previous_expires_at: string } | null;
}

/** One kind of refused request since the newest value was made; those that came after `last_used_at` are not settled. */
export interface Failure {
  readonly hint: string;
  /** What came, what is wrong and what to change, in the answer's language. */
  readonly text: string;
  readonly count: number;
  readonly last_at: string;
  /** What this connection's last signed assertion among them said; left out where there was none. */
  readonly claims?: PresentedClaims;
}

/**
 * How far the newest value of the link is: none made; nothing came yet; refusals alone; accepted once, whatever
 * is refused later; accepted again at least ten minutes after that.
 */
export type CheckState = 'not_started' | 'waiting' | 'failing' | 'connected' | 'synced';

/** All that the page knows. */
export interface Setup {
  /** The server's time, which the others are to be held against: the browser's clock may be wrong. */
  readonly now: string;
  /** The name is the id, where the operator's directory has none. */
  readonly tenant: { readonly id: string; readonly name: string };
  readonly brand: {
    readonly name: string;
    /** As `#rrggbb`. */
    readonly color: string;
    readonly logo_url: string | null;
    readonly support_url: string | null;
  };
  /** The link's language; null where it leaves it to the reader. */
  readonly language: string | null;
  /** Origins that may show the page in a frame and hear what happens on it. */
  readonly frame_ancestors: readonly string[];
  readonly link: {
    readonly id: string;
    readonly status: 'open' | 'used' | 'completed';
    readonly expires_at: string;
    readonly return_url: string | null;
    /** The provider that the link is for; null for any. */
    readonly provider: string | null;
    /** The method that the link is for; null for any. */
    readonly auth_method: AuthMethod | null;
    /** Whether it renews a token that is there already. */
    readonly renews: boolean;
  };
  /** The link's provider, or else the connection's; null while there is neither. */
  readonly provider: string | null;
  readonly providers: readonly Provider[];
  readonly connection: Connection | null;
  readonly check: {
    readonly state: CheckState;
    /** Null for not_started. */
    readonly since: string | null;
    /** When to ask again, while the page is visible. */
    readonly next_look_at: string;
    /** Latest first. */
    readonly failures: readonly Failure[];
  };
}

/** What to make. */
export interface MakeToken {
  readonly provider: string;
  readonly auth_method?: AuthMethod;
  /** For a workload identity. */
  readonly trust?: Trust;
  /** Needed where the link made one before: that one is replaced, or rotated once it is in use. */
  readonly replace?: true;
}

/** What was made: the only answer that holds the value, or the client's secret. */
export interface MadeToken {
  readonly connection: Connection;
  readonly token: string | null;
  readonly client_id: string | null;
  readonly client_secret: string | null;
  readonly token_endpoint: string | null;
  readonly expires_at: string | null;
}

/** What would be said to a header that is not sent. */
export interface Explanation {
  readonly accepted: boolean;
  /** Why it would be refused, in a word; null where it would be accepted. */
  readonly hint: string | null;
  /** What is wrong and what to change, in the answer's language; null where it would be accepted. */
  readonly text: string | null;
}

/** What may go wrong: `invalid` carries a message for each field, `busy` the seconds to wait. */
export type SetupProblem = 'ended' | 'conflict' | 'invalid' | 'busy' | 'unreachable';

/** A request that did not get what it asked for. */
export class SetupError extends Error {
  constructor(
    readonly problem: SetupProblem,
    /** What is wrong, by the name of the field, `trust.issuer` for one. */
    readonly fields: Readonly<Record<string, string>> = {},
    readonly retryAfterSeconds: number | null = null,
  ) {
    super(problem);
  }
}

/** How long an answer may take before the server counts as out of reach. */
const PATIENCE_MS = 15_000;

/** Talks to the API with the secret of one link. */
export class SetupClient {
  /**
   * @param url of the API, absolute
   * @param secret the link's, as it stands in the fragment of its URL
   */
  constructor(
    private readonly url: URL,
    private readonly secret: string,
  ) {}

  /**
   * How things stand.
   *
   * @param language in which steps and failures are wanted; the link's own comes first
   * @throws {SetupError} `ended` where the link is wrong, over or revoked; `busy`; `unreachable`
   */
  read(language: string): Promise<Setup> {
    return this.send('', language);
  }

  /**
   * Makes the token, or another in its place.
   *
   * @throws {SetupError} besides those of {@link read}, `conflict` where one is made already, and `invalid`
   */
  make(request: MakeToken, language: string): Promise<MadeToken> {
    return this.send('/token', language, request);
  }

  /**
   * Says what would be said to a header of the provider's. Nothing is kept or counted of it.
   *
   * @param authorization as the provider shows it: the header, its whole line, or the value alone
   * @throws {SetupError} as {@link read}, and `invalid`
   */
  explain(authorization: string, language: string): Promise<Explanation> {
    return this.send('/explain', language, { authorization });
  }

  private async send<T>(path: string, language: string, body?: object): Promise<T> {
    const response = await fetch(this.url.href + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        Authorization: `Bearer ${this.secret}`,
        'Accept-Language': language,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: 'omit',
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).catch(() => {
      throw new SetupError('unreachable');
    });
    if (!response.ok) throw await problemOf(response);
    return response.json().catch(() => {
      throw new SetupError('unreachable');
    }) as Promise<T>;
  }
}

/** The `detail` of a 422: where something is wrong, and what. */
interface Invalid {
  readonly detail: readonly { readonly loc: readonly (string | number)[]; readonly msg: string }[];
}

async function problemOf(response: Response): Promise<SetupError> {
  switch (response.status) {
    case 401:
      return new SetupError('ended');
    case 409:
      return new SetupError('conflict');
    case 422: {
      const { detail } = (await response.json().catch(() => ({ detail: [] }))) as Invalid;
      const fields = detail.map(({ loc, msg }) => [loc.slice(1).join('.'), msg] as const);
      return new SetupError('invalid', Object.fromEntries(fields));
    }
    case 429:
      return new SetupError('busy', {}, Number(response.headers.get('Retry-After')) || 30);
    default:
      return new SetupError('unreachable');
  }
}
