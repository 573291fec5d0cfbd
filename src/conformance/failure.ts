import type { Failure } from './result';
import type { Problem, Scenario } from './scenario';
import type { StepResult } from './scenario-run';

/** Most characters of a body that are told. */
const MOST_TOLD = 2_000;
/** Most characters that are looked through for secrets: an answer may be long. */
const MOST_READ = 4 * MOST_TOLD;

/** What a failure is told with: the scenario it is in. */
export type Told = Pick<Scenario, 'scenario' | 'source' | 'does' | 'breaks'>;

/**
 * Tells of a step that fails, without any secret.
 *
 * @param provider null for what concerns all of them
 */
export function failureOf(
  provider: string | null,
  { scenario, source, does, breaks }: Told,
  { step, request, problems, answer }: StepResult,
  strikeOut: (text: string) => string,
): Failure {
  const told = (text: string): string => strikeOut(text.slice(0, MOST_READ)).slice(0, MOST_TOLD);
  const toldProblem = ({ expected, came }: Problem): Problem => ({
    expected: told(expected),
    came: told(came),
  });
  return {
    provider,
    scenario,
    step: step.name,
    request: {
      method: request.method,
      path: told(request.path),
      body: request.body === undefined ? null : told(request.body),
    },
    problems: problems.map(toldProblem),
    came: answer && { status: answer.status, body: told(answer.text || redirect(answer.headers)) },
    why: step.why ?? does,
    source,
    breaks,
  };
}

/** A redirect is not followed: the token is for this server alone. */
function redirect(headers: ReadonlyMap<string, string>): string {
  const location = headers.get('location');
  return location === undefined ? '' : `Location: ${location}`;
}
