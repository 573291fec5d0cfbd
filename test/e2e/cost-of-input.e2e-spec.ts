import { resolve } from 'node:path';
import { type IncomingRequest } from '../../src/common/http/incoming-request';

/** The built module, as it runs: counting for coverage makes loops cost many times as much. */
function built(path: string): unknown {
  return jest.requireActual(resolve(__dirname, '../../dist', path));
}

const { redact } = built('app/logger') as typeof import('../../src/app/logger');
const { TenantPath } = built(
  'scim-tokens/proxy/tenant-path',
) as typeof import('../../src/scim-tokens/proxy/tenant-path');
const { parseSecret } = built(
  'scim-tokens/secret/scim-token.secret',
) as typeof import('../../src/scim-tokens/secret/scim-token.secret');
const { hintOfMalformed } = built(
  'scim-tokens/verification/bearer-value',
) as typeof import('../../src/scim-tokens/verification/bearer-value');
const { readCursor } = built('common/cursor') as typeof import('../../src/common/cursor');
const { readAuthorization } = built(
  'common/http/authorization',
) as typeof import('../../src/common/http/authorization');
const { RAW_BODY } = built(
  'common/http/incoming-request',
) as typeof import('../../src/common/http/incoming-request');
const { strictFormFields } = built(
  'common/http/strict-form',
) as typeof import('../../src/common/http/strict-form');
const { toIpAddress } = built('common/ip-address') as typeof import('../../src/common/ip-address');
const { decodeJsonBody, parseQuery } = built(
  'common/validation',
) as typeof import('../../src/common/validation');
const { readBoolean } = built(
  'common/validation/read-boolean',
) as typeof import('../../src/common/validation/read-boolean');
const { readInstant } = built(
  'common/validation/read-instant',
) as typeof import('../../src/common/validation/read-instant');
const { readInteger } = built(
  'common/validation/read-integer',
) as typeof import('../../src/common/validation/read-integer');
const { readAddress, readNetwork } = built(
  'common/validation/read-network',
) as typeof import('../../src/common/validation/read-network');
const { isAtLeast, isAtMost } = built(
  'common/validation/read-text',
) as typeof import('../../src/common/validation/read-text');

/** The largest that reaches a reader, in characters: Node's limit of headers, and ours of bodies. */
const HEADERS = 16 * 1024;
const BODY = 64 * 1024;
/** One field of an import's row may fill the import's body. */
const ROW = 1024 ** 2;

/** Milliseconds for the largest, and for what is taken apart into thousands of values. */
const MOST_MS = 5;
const MOST_MS_IN_PARTS = 50;
/** How much more it may take than half of it. */
const MOST_GROWTH = 2.5;
/** What a machine gets that has other work and counts coverage; squares take a hundred times as much. */
const PATIENCE = 4;
/** A quick machine's first run is enough; on a busy one the best of many counts. */
const RUNS = 40;
const GIVE_UP_MS = 1_000;

const IN_PARTS = ['a JSON body', 'a form', 'a query'];

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

/** What is long and fits, and what is long and does not fit only at its end. */
const NUMBERS = [
  '1|',
  '1|x',
  '0|',
  '0|x',
  '1 |x',
  ' |1',
  '|1 | |x',
  '1| |x',
  '1|_1',
  '1|1_|1',
  '1.|0|x',
];
const OTHERS = [
  '1\u2003|\u2003|x',
  '-|1.|',
  '|a|',
  '|/|',
  '1.2.3.4/|1|',
  '|:|',
  '|😀|',
  '2030-01-01T00:00:00.|1|x',
];

const READERS: readonly [
  name: string,
  read: (text: string) => unknown,
  size: number,
  texts: readonly string[],
][] = [
  ['an integer', readInteger, ROW, [...NUMBERS, ...OTHERS]],
  ['a time', readInstant, ROW, [...NUMBERS, ...OTHERS]],
  ['a boolean', readBoolean, ROW, OTHERS],
  ['a network', readNetwork, ROW, [...OTHERS, '1.2.3.4/|1.|', '::/|0|x', '|0:|', 'ffff:|:ffff|']],
  ['an address', readAddress, ROW, [...OTHERS, '|0:|']],
  ['a length', (text) => [isAtLeast(text, 1), isAtMost(text, 4096)], ROW, OTHERS],
  ['a value', parseSecret, BODY, ['|a|', 'scim_|a|', '|scim_|']],
  ['a JSON body', body, BODY, JSON_BODIES()],
  ['a form', (text) => strictFormFields(form(text)), BODY, ['|a&|', '|a=%41&|', '|&|']],
  [
    'Authorization',
    readAuthorization,
    HEADERS,
    ['|a|', 'Bearer| |', 'Bearer |a| x', 'Bearer a|=|x', 'Bearer |a |'],
  ],
  [
    'what is wrong with a value',
    hintOfMalformed,
    HEADERS,
    ['|a.|', '|"  |x', '"| |x', '|a|', 'a.|a|.!'],
  ],
  ['a query', parseQuery, HEADERS, ['?|a&|', '?|%41|', '|?|', '?|a=%ff&|']],
  ['a cursor', readCursor, HEADERS, ['|W|', 'W1|s|']],
  [
    "a proxied request's path",
    (text) => tenantPath.tenantIn(text),
    HEADERS,
    ['|/|', '|/a|', '/t/a/scim|/%ff|', '/t/a/scim|/a|/%'],
  ],
  [
    "a proxied request's tenant",
    (text) => tenantPath.tenantMeantBy(text),
    HEADERS,
    ['|/|', '|/a|', '|/%ff|'],
  ],
  ["a proxy's address", toIpAddress, HEADERS, ['|1|', '|:|', '[|:|', '::1%|a|']],
  [
    'a log line',
    redact,
    HEADERS,
    ['/|eyJ|', '/|eyJ.|', '/eyJ|a|.x', '|a_|', '|abc123def456_|', 'scim_|a|', '|0123456789ab_|'],
  ],
];

function JSON_BODIES(): string[] {
  return [
    '[|1,|1]',
    '[|1.0,|1]',
    '[|"a",|1]',
    '[|{"a":1e1},|1]',
    '|[|',
    '"|\\"|',
    '|"|',
    '|%41|',
    '|1 |',
    '{"a":1| |}',
    '|1e|',
    '|-|',
    '[|12345678901234567890,|1]',
    '{|"ab":1,|"c":1}',
    '1| |:',
  ];
}

/** Of `before|again|after`, the middle repeated up to the size; without a bar between, the last is none. */
function textOf(form: string, size: number): string {
  const [before = '', again = '', after = ''] = form.split('|');
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

/** Up from a part of the largest: squares are found out before they take minutes. */
const PARTS = [64, 16, 4, 2, 1];
/** A machine that is busy is given a second and a third chance; squares are squares each time. */
const TRIES = 3;

/** What costs more than it may, and how much: a part of a text, or the whole beside its parts; null for nothing. */
function excess(form: string, size: number, read: (text: string) => unknown, mostMs: number) {
  const costs: number[] = [];
  for (const part of PARTS) {
    const text = textOf(form, size / part);
    const took = cost(() => read(text), mostMs / MOST_GROWTH ** 2);
    if (took > mostMs) return { part, took, most: mostMs };
    costs.push(took);
  }
  const [quarter = 0, half = 0, whole = 0] = costs.slice(-3);
  // Beside half of it, or a quarter: collecting garbage comes in steps.
  const grown = Math.max(half * MOST_GROWTH, quarter * MOST_GROWTH ** 2);
  const most = Math.max(MOST_MS, grown);
  return whole <= most ? null : { part: 1, took: whole, most };
}

/** What going over a text once costs here, of the size that the limit in milliseconds is for. */
function pace(): number {
  const text = textOf('a', ROW);
  return cost(() => {
    let sum = 0;
    for (let at = 0; at < text.length; at += 1) sum += text.charCodeAt(at);
    return sum;
  }, 0);
}

describe('What is sent to us', () => {
  // On a machine of today once over a megabyte is about 1 ms.
  const slowness = PATIENCE * Math.max(1, pace());

  it.each(READERS)(
    'costs no more than it is long where it is read as %s',
    (name, read, size, texts) => {
      const mostMs = slowness * (IN_PARTS.includes(name) ? MOST_MS_IN_PARTS : MOST_MS);
      for (const form of texts) {
        let found = excess(form, size, read, mostMs);
        for (let tries = 1; found && tries < TRIES; tries += 1) {
          found = excess(form, size, read, mostMs);
        }
        expect({ form, found }).toEqual({ form, found: null });
      }
    },
  );
});
