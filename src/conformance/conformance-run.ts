import { randomInt } from 'node:crypto';
import { RULES } from './every-answer';
import { at } from './json-parts';
import { failureOf, type Told } from './failure';
import { LOAD, runLoad, type Load } from './load';
import { MadeResources } from './made-resources';
import type { ConformanceResult, Failure, ProviderResult, ScenarioResult } from './result';
import type { ProviderScenarios, Scenario } from './scenario';
import { type ScenarioContext, ScenarioRun, type StepResult } from './scenario-run';
import { SCENARIOS } from './scenarios/scenarios';
import { ScimConnection } from './scim-connection';

/** How far a run is. */
export interface Progress {
  readonly provider: string;
  readonly scenario: string;
  readonly done: number;
  readonly of: number;
}

/** Whom to ask about, and how. */
export interface ConformanceOptions {
  /** Base URL without a slash at its end. */
  readonly base: string;
  readonly token: string;
  /** A value that has ended, or is another tenant's. */
  readonly refusedToken?: string | undefined;
  /** Names of {@link SCENARIOS}; all of them without it. */
  readonly providers?: readonly string[] | undefined;
  /** Leave what it made. */
  readonly keep?: boolean | undefined;
  /** Ask as much as Entra does, too. */
  readonly load?: Load | undefined;
  readonly onProgress?: (progress: Progress) => void;
  /** Ends the run early; what it made is deleted all the same. */
  readonly signal?: AbortSignal;
}

/** What keeps a server from being asked. */
const UNUSABLE: Told = {
  scenario: 'the server can be asked',
  source: 'RFC 7644 §3.4.2',
  does: 'With the token, the base URL lists users.',
  breaks: 'No provider can connect. Look at the base URL, which has no /Users, and at the token.',
};

/**
 * Asks a SCIM server what identity providers ask it.
 *
 * It changes nothing but what it makes itself, under names that no other run gives.
 */
export function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  return new ConformanceRun(options).result();
}

class ConformanceRun {
  private readonly run = String(randomInt(10 ** 9, 10 ** 10));
  private readonly connection: ScimConnection;
  private readonly made: MadeResources;
  private readonly failures: Failure[] = [];
  private readonly left: string[] = [];
  /** Of each rule for every answer, the first answer that broke it. */
  private readonly broken = new Map<string, Failure>();
  private supported: unknown;

  constructor(private readonly options: ConformanceOptions) {
    const { base, token, refusedToken } = options;
    this.connection = new ScimConnection(
      base,
      token,
      refusedToken === undefined ? [] : [refusedToken],
    );
    this.made = new MadeResources(this.connection, this.run);
  }

  async result(): Promise<ConformanceResult> {
    const { providers, load, signal } = this.options;
    const asked = SCENARIOS.filter(({ provider }) => providers?.includes(provider) ?? true);
    const isUsable = await this.isUsable();
    const results: ProviderResult[] = [];
    for (const one of asked) {
      results.push(await this.measured(one.provider, isUsable, () => this.provider(one)));
    }
    if (load) results.push(await this.measured('load', isUsable, () => this.load(load)));
    const passes = results.every(({ verdict }) => verdict === 'passes') && !signal?.aborted;
    const left = [...new Set(this.left.map(this.connection.strikeOut))];
    return { passes, run: this.run, providers: results, failures: this.failures, left };
  }

  /** Whether it lists users to this token: nothing else could be judged. */
  private async isUsable(): Promise<boolean> {
    const result = await new ScenarioRun(this.context({})).step({
      name: 'the list of users',
      method: 'GET',
      path: '/Users?startIndex=1&count=1',
      expect: { status: 200, body_contains: {} },
    });
    if (result.status !== 'holds') {
      this.failures.push(failureOf(null, UNUSABLE, result, this.connection.strikeOut));
      return false;
    }
    const request = { method: 'GET', path: '/ServiceProviderConfig' };
    this.supported = await this.connection.send(request).then(
      ({ body }) => body,
      () => undefined,
    );
    return true;
  }

  private async measured(
    provider: string,
    isUsable: boolean,
    ask: () => Promise<ScenarioResult[]>,
  ): Promise<ProviderResult> {
    const [before, start] = [this.connection.sent, performance.now()];
    const scenarios = isUsable ? await ask() : [];
    const isAsked = isUsable && !this.connection.isLost && !this.options.signal?.aborted;
    const passes = isAsked && scenarios.every(({ status }) => status !== 'fails');
    return {
      provider,
      verdict: passes ? 'passes' : 'fails',
      scenarios,
      requests: this.connection.sent - before,
      milliseconds: Math.round(performance.now() - start),
    };
  }

  private async provider({
    provider,
    headers,
    scenarios,
  }: ProviderScenarios): Promise<ScenarioResult[]> {
    const results: ScenarioResult[] = [];
    for (const scenario of scenarios) {
      this.options.onProgress?.({
        provider,
        scenario: scenario.scenario,
        done: results.length,
        of: scenarios.length,
      });
      results.push(await this.scenario(provider, headers, scenario));
    }
    return provider === 'rfc' ? [...results, ...this.rules()] : results;
  }

  private async scenario(
    provider: string,
    headers: Readonly<Record<string, string>>,
    scenario: Scenario,
  ): Promise<ScenarioResult> {
    const { scenario: name, needs, steps } = scenario;
    const isAnnounced = needs === undefined || at(this.supported, `${needs}.supported`) === true;
    const run = new ScenarioRun(this.context(headers));
    const results: StepResult[] = [];
    for (const step of isAnnounced ? steps : []) {
      if (this.connection.isLost || this.options.signal?.aborted) break;
      const result = await run.step(step);
      results.push(result);
      this.holdAgainstRules(result);
      if (result.status !== 'fails') continue;
      this.failures.push(failureOf(provider, scenario, result, this.connection.strikeOut));
    }
    this.left.push(...(this.options.keep ? this.made.leave() : await this.made.remove()));
    return summary(name, results);
  }

  private async load(load: Load): Promise<ScenarioResult[]> {
    const { onProgress, signal } = this.options;
    onProgress?.({ provider: 'load', scenario: LOAD.scenario, done: 0, of: 1 });
    const result = await runLoad(this.connection, load, signal);
    if (result.status === 'fails') {
      this.failures.push(failureOf('load', LOAD, result, this.connection.strikeOut));
    }
    return [summary(LOAD.scenario, [result])];
  }

  private holdAgainstRules(result: StepResult): void {
    const { answer, request } = result;
    if (!answer) return;
    for (const rule of RULES) {
      const expected = this.broken.has(rule.scenario) ? null : rule.broken(answer, request);
      if (expected === null) continue;
      const problems = [{ expected, came: rule.came(answer) }];
      const broken = { ...result, problems };
      this.broken.set(rule.scenario, failureOf('rfc', rule, broken, this.connection.strikeOut));
    }
  }

  private rules(): ScenarioResult[] {
    this.failures.push(...this.broken.values());
    return RULES.map(({ scenario }) => {
      const status = this.broken.has(scenario) ? 'fails' : 'holds';
      return { scenario, status, steps: [{ name: 'every answer', status }] };
    });
  }

  private context(headers: Readonly<Record<string, string>>): ScenarioContext {
    const { token, refusedToken } = this.options;
    const given = {
      run: this.run,
      token,
      otherToken: otherThan(token),
      ...(refusedToken !== undefined && { refusedToken }),
    };
    return { connection: this.connection, made: this.made, headers, given };
  }
}

/** A value of the same form that nobody has. */
function otherThan(token: string): string {
  const end = token.slice(-8).replace(/[A-Za-z0-9]/g, (character) => OTHER[character] ?? 'x');
  return token.slice(0, -8) + end;
}

const OTHER: Readonly<Record<string, string>> = Object.fromEntries(
  ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].flatMap((kind) =>
    Array.from(kind, (character, place) => [character, kind.charAt((place + 7) % kind.length)]),
  ),
);

function summary(scenario: string, results: readonly StepResult[]): ScenarioResult {
  const statuses = new Set(results.map(({ status }) => status));
  return {
    scenario,
    status: statuses.has('fails') ? 'fails' : statuses.has('holds') ? 'holds' : 'skipped',
    steps: results.map(({ step, status }) => ({ name: step.name, status })),
  };
}
