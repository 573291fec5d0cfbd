/** A request as a provider sends it, and what has to come back. */
export interface Step {
  readonly name: string;
  /** Section of an RFC, or a fact, that asks for it; the scenario's source where there is none. */
  readonly why?: string;
  readonly method: string;
  /** Below the base URL; written plainly, sent percent-encoded. */
  readonly path: string;
  /** Beside those of the provider; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  readonly body?: unknown;
  /** In the place of `body`, sent as it is. */
  readonly raw_body?: string;
  /** Variables for later steps, each with the place in the answer. */
  readonly save?: Readonly<Record<string, string>>;
  /** Asked only where this variable is known. */
  readonly needs?: string;
  readonly expect: Expectation;
}

/** What an answer has to be. All but the status is asked of answers of the first status's class alone. */
export interface Expectation {
  readonly status: number | readonly number[];
  /** `=place` is the body's value there; `/path` is any URL that holds it. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** A part of the body; of a list every given element is somewhere in it. */
  readonly body_contains?: unknown;
  readonly one_of?: readonly unknown[];
  /** One, or several: none of them may be a part of the body. */
  readonly body_lacks?: unknown;
  /** Places where nothing is, whose lists are stepped into. */
  readonly absent?: readonly string[];
  /** Places where nothing, null or [] is (RFC 7643 §2.5). */
  readonly unassigned?: readonly string[];
  readonly lengths?: Readonly<Record<string, number>>;
  /** Name of an earlier step with the same status and error. */
  readonly same_as?: string;
}

/** Requests in their order, which belong together. */
export interface Scenario {
  readonly scenario: string;
  /** Where it is documented. */
  readonly source: string;
  /** What the provider does. */
  readonly does: string;
  /** What goes wrong for people where the server cannot do it. */
  readonly breaks: string;
  /** What ServiceProviderConfig has to announce; else nothing is asked. */
  readonly needs?: string;
  readonly steps: readonly Step[];
}

/** A provider's scenarios, and what it sends with each request. */
export interface ProviderScenarios {
  readonly provider: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly scenarios: readonly Scenario[];
}

/** What came back. */
export interface Answer {
  readonly status: number;
  /** By names in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** Undefined where there is none, or it is no JSON. */
  readonly body: unknown;
}

/** One thing that was expected, and what was there. */
export interface Problem {
  readonly expected: string;
  readonly came: string;
}
