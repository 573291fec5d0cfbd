/**
 * What it costs to read texts, measured in a process of its own: beside Jest, and where V8 counts for coverage,
 * loops cost many times as much. Takes `Measured[]` as JSON on stdin and writes an `Excess | null` for each text
 * of each to stdout.
 */
import { isAtLeast, isAtMost } from '../../src/core/checks';
import { text as whole } from 'node:stream/consumers';
import { redact } from '../../src/service/logger';
import { readCursor, readBoolean, readInteger } from '../../src/http/validation/read-values';
import { readAuthorization } from '../../src/http/authorization';
import { type IncomingRequest, RAW_BODY } from '../../src/http/incoming-request';
import { parseQuery, strictFormFields } from '../../src/http/form';
import { toIpAddress } from '../../src/core/ip-address';
import { decodeJsonBody } from '../../src/http/validation/json-body';
import { readInstant } from '../../src/http/validation/read-instant';
import { readAddress, readNetwork } from '../../src/http/validation/read-network';
import { TenantPath } from '../../src/scim-guard/proxy/tenant-path';
import { parseSecret } from '../../src/secrets/scim-token.secret';
import { hintOfMalformed } from '../../src/core/refusal';

export interface Measured {
  reader: Reader;
  /** Of the largest text, in characters. */
  size: number;
  /** Of the form `before|again|after`: see `textOf`. */
  texts: readonly string[];
  /** Milliseconds of CPU time that the largest may take, on a machine of today. */
  mostMs: number;
}

/** What cost more than it may, of a text of a part of the size. */
export interface Excess {
  part: number;
  tookMs: number;
  mostMs: number;
}

export type Reader = keyof typeof READERS;

const tenantPath = TenantPath.of('https://x/t/{tenant_id}/scim')!;
const form = (text: string): IncomingRequest => ({
  url: '/',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  [RAW_BODY]: { bytes: Buffer.from(text) },
});
const body = (text: string): unknown => {
  const decoded = decodeJsonBody(Buffer.from(text), undefined);
  return decoded.ok && decoded.fields();
};

const READERS = {
  'an integer': readInteger,
  'a time': readInstant,
  'a boolean': readBoolean,
  'a network': readNetwork,
  'an address': readAddress,
  'a length': (text: string) => [isAtLeast(text, 1), isAtMost(text, 4096)],
  'a value': parseSecret,
  'a JSON body': body,
  'a form': (text: string) => strictFormFields(form(text)),
  Authorization: readAuthorization,
  'what is wrong with a value': hintOfMalformed,
  'a query': parseQuery,
  'a cursor': readCursor,
  "a proxied request's path": (text: string) => tenantPath.tenantIn(text),
  "a proxied request's tenant": (text: string) => tenantPath.tenantMeantBy(text),
  "a proxy's address": toIpAddress,
  'a log line': redact,
} satisfies Record<string, (text: string) => unknown>;

/** How much more a text may take than half of it. */
const MOST_GROWTH = 2.5;
/** Below this, what the engine does beside is more than what is measured. */
const NOISE_MS = 1;
/** A quick machine's first runs are enough; on a busy one the best of some counts. */
const RUNS = 12;
const GIVE_UP_MS = 1_000;
/** Up from a part of the largest: squares are found out before they take minutes. */
const PARTS = [64, 16, 4, 2, 1];
/** A machine that is busy is given more chances, and time by its pace; squares are squares each time. */
const TRIES = 4;

/** Of `before|again|after`, the middle repeated up to the size; without a bar between, the last is none. */
function textOf(pattern: string, size: number): string {
  const [before = '', again = '', after = ''] = pattern.split('|');
  const [head, middle] = again === '' ? ['', before] : [before, again];
  return head + middle.repeat(Math.floor(size / middle.length)) + after;
}

/** CPU time in milliseconds, the least of some runs: what other processes do does not count. */
function cost(run: () => unknown, enough: number): number {
  let least = Infinity;
  let spent = 0;
  for (let runs = 0; runs < RUNS && (runs < 3 || least > enough) && spent < GIVE_UP_MS; runs += 1) {
    const started = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(started);
    least = Math.min(least, (user + system) / 1000);
    spent += (user + system) / 1000;
  }
  return least;
}

/** What going over a megabyte once costs on the machine that the limits are for, in milliseconds. */
const PACE_MS = 2;

/** How many times slower this machine is now. */
function slowness(): number {
  const text = textOf('a', 1024 ** 2);
  const tookMs = cost(() => {
    let sum = 0;
    for (let at = 0; at < text.length; at += 1) sum += text.charCodeAt(at);
    return sum;
  }, 0);
  return Math.max(1, tookMs / PACE_MS);
}

/** What costs more than it may: a part of a text, or the whole beside its parts; null for nothing. */
function excess(pattern: string, { reader, size }: Measured, mostMs: number): Excess | null {
  const read: (text: string) => unknown = READERS[reader];
  const costs: number[] = [];
  for (const part of PARTS) {
    const text = textOf(pattern, size / part);
    const tookMs = cost(() => read(text), Math.min(NOISE_MS, mostMs / MOST_GROWTH ** 2));
    if (tookMs > mostMs) return { part, tookMs, mostMs };
    costs.push(tookMs);
  }
  const [quarter = 0, half = 0, largest = 0] = costs.slice(-3);
  // Beside half of it, or a quarter: collecting garbage comes in steps.
  const grown = Math.max(half * MOST_GROWTH, quarter * MOST_GROWTH ** 2, NOISE_MS);
  return largest <= grown ? null : { part: 1, tookMs: largest, mostMs: grown };
}

async function main(): Promise<void> {
  const asked = JSON.parse(await whole(process.stdin)) as Measured[];
  const found = asked.map((measured) =>
    measured.texts.map((pattern) => {
      let worst = excess(pattern, measured, measured.mostMs);
      for (let tries = 1; worst && tries < TRIES; tries += 1) {
        worst = excess(pattern, measured, measured.mostMs * slowness());
      }
      return worst;
    }),
  );
  process.stdout.write(JSON.stringify(found));
}

void main();
