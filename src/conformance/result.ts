import type { Problem } from './scenario';

/** What of a server does not hold, with all that is needed to mend it. */
export interface Failure {
  /** A provider's name; null for what keeps the server from being asked at all. */
  readonly provider: string | null;
  readonly scenario: string;
  readonly step: string;
  /** Without its token. */
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly body: string | null;
  };
  readonly problems: readonly Problem[];
  /** Null where no answer came. */
  readonly came: { readonly status: number; readonly body: string } | null;
  /** Section of an RFC, or what the provider does. */
  readonly why: string;
  readonly source: string;
  /** What goes wrong for people. */
  readonly breaks: string;
}

/** What became of one scenario. */
export interface ScenarioResult {
  readonly scenario: string;
  /** `skipped`: the server says that it does not have this. */
  readonly status: 'holds' | 'fails' | 'skipped';
  readonly steps: readonly { readonly name: string; readonly status: ScenarioResult['status'] }[];
}

/** What one provider would make of the server. */
export interface ProviderResult {
  readonly provider: string;
  readonly verdict: 'passes' | 'fails';
  readonly scenarios: readonly ScenarioResult[];
  readonly requests: number;
  readonly milliseconds: number;
}

/** What a run found. */
export interface ConformanceResult {
  /** Whether all that were asked about pass. */
  readonly passes: boolean;
  /** What the names of all that it made have in them. */
  readonly run: string;
  readonly providers: readonly ProviderResult[];
  readonly failures: readonly Failure[];
  /** Paths of what it made and could not delete, or was told to keep. */
  readonly left: readonly string[];
}
