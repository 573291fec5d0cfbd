import { Logger } from '@nestjs/common';
import pino from 'pino';
import { logRefusal, ScimTokenRefusedError } from '../core/refusal';
import { NestLogger } from './logger';

describe("The service's log", () => {
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
