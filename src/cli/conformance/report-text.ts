import { PROVIDER_NAMES } from '../../conformance/provider-names';
import type {
  ConformanceResult,
  Failure,
  ProviderResult,
  ScenarioResult,
} from '../../conformance/result';
import { visible } from '../command-line';

/** Failures that are told in full where most of the server fails: they have few causes. */
const MOST_IN_FULL = 5;
/** Most characters of a line. */
const LINE = 300;

const MARKS: Readonly<Record<ScenarioResult['status'], string>> = {
  holds: 'ok',
  fails: 'FAILS',
  skipped: 'skipped',
};

/** The findings for people: a table a provider, then what fails and what that breaks. */
export function reportText(result: ConformanceResult): string {
  const { providers, failures, left, passes } = result;
  const scenarios = providers.flatMap((provider) => provider.scenarios);
  const failing = scenarios.filter(({ status }) => status === 'fails').length;
  const isUnusable = scenarios.length === 0 || failing > scenarios.length / 2;
  const groups = byScenario(failures);
  const told = isUnusable ? groups.slice(0, MOST_IN_FULL) : groups;
  const untold = groups.length - told.length;
  const failed = providers.filter(({ verdict }) => verdict === 'fails');
  const names = failed.map(({ provider }) => nameOf(provider)).join(', ');
  return [
    ...providers.flatMap((provider) => table(provider, isUnusable)),
    ...told.flatMap(failureLines),
    ...(untold > 0 ? ['', `${untold} more scenarios fail: --json tells of all.`] : []),
    '',
    ...leftLines(left),
    passes ? 'All hold.' : failed.length > 0 ? `Would fail: ${names}.` : 'Stopped before the end.',
  ]
    .map((line) => `${visible(line)}\n`)
    .join('');
}

function table(
  { provider, verdict, scenarios, requests, milliseconds }: ProviderResult,
  isShort: boolean,
): string[] {
  const asked = scenarios.filter(({ status }) => status !== 'skipped');
  const held = asked.filter(({ status }) => status === 'holds').length;
  const head =
    `${nameOf(provider)} ${verdict}: ${held} of ${asked.length} scenarios hold ` +
    `(${requests} requests, ${(milliseconds / 1_000).toFixed(1)} s)`;
  if (isShort) return [head];
  return [
    head,
    ...scenarios.map(({ scenario, status }) => `  ${MARKS[status].padEnd(8)}${scenario}`),
  ];
}

/** What follows a failure in its scenario is mostly of the same cause. */
function failureLines([first, ...others]: readonly [Failure, ...Failure[]]): string[] {
  const { provider, scenario, step, request, problems, came, why, source, breaks } = first;
  const names = others.map((other) => other.step).join('; ');
  const body = came === null || came.body === '' ? '' : `: ${came.body}`;
  return [
    '',
    `${provider === null ? '' : `${nameOf(provider)}, `}${scenario}: ${step}`,
    line('request', `${request.method} ${request.path} ${request.body ?? ''}`),
    line('expected', problems.map(({ expected }) => expected).join('; ')),
    line('came', problems.map(({ came: found }) => found).join('; ') + body),
    line('why', `${why} (${source})`),
    line('breaks', breaks),
    ...(others.length > 0 ? [line('also', names)] : []),
  ];
}

const line = (label: string, text: string): string => {
  const one = text.replace(/\s+/g, ' ').trim();
  return `  ${label.padEnd(10)}${one.length > LINE ? `${one.slice(0, LINE)}…` : one}`;
};

function byScenario(failures: readonly Failure[]): [Failure, ...Failure[]][] {
  const groups = new Map<string, [Failure, ...Failure[]]>();
  for (const failure of failures) {
    const key = `${failure.provider ?? ''}\n${failure.scenario}`;
    const group = groups.get(key);
    if (group) group.push(failure);
    else groups.set(key, [failure]);
  }
  return [...groups.values()];
}

function leftLines(left: readonly string[]): string[] {
  if (left.length === 0) return [];
  const shown = left.slice(0, MOST_IN_FULL).join(', ');
  const more = left.length > MOST_IN_FULL ? ` and ${left.length - MOST_IN_FULL} more` : '';
  return [`Left on the server: ${shown}${more}.`];
}

const nameOf = (provider: string): string =>
  PROVIDER_NAMES[provider] ?? `${provider.charAt(0).toUpperCase()}${provider.slice(1)}`;
