import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text as whole } from 'node:stream/consumers';
import type { Excess, Measured, Reader } from '../support/cost-of-reading';

/** The largest that reaches a reader, in characters: Node's limit of headers, and ours of bodies. */
const HEADERS = 16 * 1024;
const BODY = 64 * 1024;
/** One field of an import's row may fill the import's body. */
const ROW = 1024 ** 2;

/** Milliseconds for the largest, and for what is taken apart into thousands of values. */
const MOST_MS = 5;
const MOST_MS_IN_PARTS = 50;

const IN_PARTS: readonly Reader[] = ['a JSON body', 'a form', 'a query'];

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

const READERS: readonly (readonly [reader: Reader, size: number, texts: readonly string[]])[] = [
  ['an integer', ROW, [...NUMBERS, ...OTHERS]],
  ['a time', ROW, [...NUMBERS, ...OTHERS]],
  ['a boolean', ROW, OTHERS],
  ['a network', ROW, [...OTHERS, '1.2.3.4/|1.|', '::/|0|x', '|0:|', 'ffff:|:ffff|']],
  ['an address', ROW, [...OTHERS, '|0:|']],
  ['a length', ROW, OTHERS],
  ['a value', BODY, ['|a|', 'scim_|a|', '|scim_|']],
  ['a JSON body', BODY, JSON_BODIES()],
  ['a form', BODY, ['|a&|', '|a=%41&|', '|&|']],
  ['Authorization', HEADERS, ['|a|', 'Bearer| |', 'Bearer |a| x', 'Bearer a|=|x', 'Bearer |a |']],
  ['what is wrong with a value', HEADERS, ['|a.|', '|"  |x', '"| |x', '|a|', 'a.|a|.!']],
  ['a query', HEADERS, ['?|a&|', '?|%41|', '|?|', '?|a=%ff&|']],
  ['a cursor', HEADERS, ['|W|', 'W1|s|']],
  ["a proxied request's path", HEADERS, ['|/|', '|/a|', '/t/a/scim|/%ff|', '/t/a/scim|/a|/%']],
  ["a proxied request's tenant", HEADERS, ['|/|', '|/a|', '|/%ff|']],
  [
    "a proxy's address",
    HEADERS,
    ['|1|', '|:|', '[|:|', '::1%|a|', '|[|', '|%|', '|1.|', '|f:|', '|]:|'],
  ],
  [
    'a log line',
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

/** What of each reader's texts cost more than it may, by reader and text. */
async function measure(asked: readonly Measured[]): Promise<(Excess | null)[][]> {
  const script = join(__dirname, '../support/cost-of-reading.ts');
  const child = spawn(process.execPath, ['-r', 'ts-node/register/transpile-only', script], {
    env: { ...process.env, NODE_V8_COVERAGE: undefined },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(asked));
  return JSON.parse(await whole(child.stdout)) as (Excess | null)[][];
}

describe('What is sent to us', () => {
  let found: (Excess | null)[][];

  beforeAll(async () => {
    found = await measure(
      READERS.map(([reader, size, texts]) => ({
        reader,
        size,
        texts,
        mostMs: IN_PARTS.includes(reader) ? MOST_MS_IN_PARTS : MOST_MS,
      })),
    );
  }, 120_000);

  it.each(READERS)('costs no more than it is long where it is read as %s', (reader, _, texts) => {
    const excesses = found[READERS.findIndex(([name]) => name === reader)];
    expect(texts.map((text, at) => [text, excesses?.[at]])).toEqual(
      texts.map((text) => [text, null]),
    );
  });
});
