import { StopSignals } from './stop-signals';

describe('Signals to stop', () => {
  let signals: StopSignals;

  beforeEach(() => {
    jest.useFakeTimers({ advanceTimers: false });
    signals = new StopSignals();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('are one with the first for two seconds, in whatever mixture', () => {
    signals.take('SIGINT');
    for (let tenths = 0; tenths < 20; tenths++) {
      signals.take(tenths % 2 ? 'SIGTERM' : 'SIGINT');
      jest.advanceTimersByTime(100);
    }
    expect([signals.stop.aborted, signals.stop.reason]).toEqual([true, 'SIGINT']);
    expect(signals.hurry.aborted).toBe(false);
  });

  it('are impatience later', () => {
    signals.take('SIGTERM');
    jest.advanceTimersByTime(2_001);
    expect(signals.hurry.aborted).toBe(false);
    signals.take('SIGINT');
    expect(signals.hurry.aborted).toBe(true);
  });
});
