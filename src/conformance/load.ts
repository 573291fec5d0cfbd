import { setTimeout as delay } from 'node:timers/promises';
import type { Problem } from './scenario';
import type { StepResult } from './scenario-run';
import type { ScimConnection } from './scim-connection';
import type { Told } from './failure';

/** Requests that are sent at an even rate, whether the earlier ones are answered or not. */
export interface Load {
  readonly perSecond: number;
  readonly seconds: number;
}

/** What Entra asks for: 25 requests a second of one tenant. */
export const ENTRA_LOAD: Load = { perSecond: 25, seconds: 60 };

export const LOAD: Told = {
  scenario: '25 requests a second for a minute',
  source: 'User provisioning requirements for the Microsoft Entra App Gallery',
  does: 'Entra sends up to 25 requests a second for one tenant.',
  breaks: 'A cycle slows down or fails, and with many failures the job goes into quarantine.',
};

const STEP = {
  name: 'a look-up by userName',
  method: 'GET',
  path: '/Users?filter=userName eq "nobody-at-all@contoso.example"',
  expect: { status: 200 },
};

/** Sends the same look-up over and over, and counts what is not answered with 200. */
export async function runLoad(
  connection: ScimConnection,
  { perSecond, seconds }: Load,
  signal?: AbortSignal,
): Promise<StepResult> {
  const counts = new Map<string, number>();
  const start = performance.now();
  const ask = async (): Promise<void> => {
    const came = await connection.send(STEP).then(
      ({ status }) => String(status),
      (error: unknown) => (error as Error).message,
    );
    counts.set(came, (counts.get(came) ?? 0) + 1);
  };
  const total = perSecond * seconds;
  const asked: Promise<void>[] = [];
  while (asked.length < total && !signal?.aborted && !connection.isLost) {
    asked.push(ask());
    const due = start + (asked.length * 1_000) / perSecond;
    await delay(Math.max(0, due - performance.now()));
  }
  await Promise.all(asked);
  counts.delete('200');
  const problems: Problem[] = [...counts].map(([came, count]) => ({
    expected: `200 to all ${total}`,
    came: `${came} to ${count}`,
  }));
  const status = problems.length === 0 ? 'holds' : 'fails';
  return { step: STEP, status, request: STEP, problems, answer: null };
}
