import { Logger } from '@nestjs/common';
import pino from 'pino';
import { logRefusal, ScimTokenRefusedError } from '../core/refusal';
import { NestLogger, redact } from './logger';

const VALUE = `scim_${'a'.repeat(12)}_${'b'.repeat(38)}`;

describe('The log', () => {
  it.each([
    ['eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln', '[redacted]'],
    ['/x/eyJh.eyJz.c2ln?', '/x/[redacted]?'],
    ['x-eyJeyJh.eyJz.', 'x-[redacted]'],
    ['eyJh..iv.text.tag', '[redacted]'],
    [VALUE, '[redacted]'],
    [
      `https://x/setup#${VALUE.replace('scim', 'a234567890123456setup')}`,
      'https://x/setup#[redacted]',
    ],
    [`eyJ-${VALUE}`, 'eyJ-[redacted]'],
    [`eyJ.${VALUE}`, 'eyJ.[redacted]'],
    ['publicKeyJwk of eyJ', 'publicKeyJwk of eyJ'],
  ])('strikes credentials out of %s', (text, left) => {
    expect(redact(text)).toBe(left);
  });

  afterAll(() => {
    Logger.overrideLogger(false);
  });

  it('has the facts of a line as fields', () => {
    const lines: string[] = [];
    const log = pino({ base: null, timestamp: false }, { write: (line) => lines.push(line) });
    Logger.overrideLogger(new NestLogger(log));
    const refusal = new ScimTokenRefusedError('malformed', 'quoted');
    logRefusal(refusal, 'req-1', new Logger('ScimTokenGuard'));
    const fields = { reason: 'malformed', hint: 'quoted', request_id: 'req-1' };
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 40, msg: 'SCIM token refused', ...fields },
    ]);
  });
});
