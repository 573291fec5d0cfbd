import { ConsoleLogger, Logger } from '@nestjs/common';
import { logRefusal, ScimTokenRefusedError } from './refusal';
import { LogEntry } from './log-entry';

const refuse = (): void => {
  const refusal = new ScimTokenRefusedError('malformed', 'quoted');
  logRefusal(refusal, 'req-1', new Logger('ScimTokenGuard'));
};

describe('A line of the log', () => {
  afterEach(() => {
    jest.restoreAllMocks();
    Logger.overrideLogger(false);
  });

  it.each([
    ['text', { colors: false }],
    ['coloured text', { colors: true }],
  ])("is one warning of Nest's own logger, as %s", (_, options) => {
    Logger.overrideLogger(new ConsoleLogger(options));
    const written = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
    refuse();
    expect(written).toHaveBeenCalledTimes(1);
    expect(String(written.mock.calls[0]![0])).toContain(
      'SCIM token refused (reason: malformed, hint: quoted, request_id: req-1)',
    );
  });

  it('tells where an error came from, and nothing that a driver hangs on it', () => {
    const error = Object.assign(new Error('no such row'), { parameters: ['scim_value'] });
    const text = String(new LogEntry('It failed', { err: error }));
    expect(text).toMatch(/^It failed: Error: no such row\n +at /);
    expect(text).not.toContain('scim_value');
  });
});
