import { MAX_TRIES, retryDelay } from './event-deliveries';

const SECOND = 1000;
const HOUR = 3600 * SECOND;

describe('retryDelay', () => {
  it('waits 5 s, 30 s, 2 min, 10 min and an hour, then an hour each for three days', () => {
    const delays = Array.from({ length: MAX_TRIES }, (_, index) => retryDelay(index + 1, 0.5));
    expect(delays.slice(0, 5)).toEqual([5, 30, 120, 600, 3600].map((s) => s * SECOND));
    expect(delays.slice(5, -1)).toEqual(Array(72).fill(HOUR));
    expect(delays.at(-1)).toBeNull();
  });

  it('varies by a tenth in both directions', () => {
    expect(retryDelay(1, 0)).toBe(4.5 * SECOND);
    expect(retryDelay(1, 1)).toBe(5.5 * SECOND);
    const delays = new Set(Array.from({ length: 50 }, () => retryDelay(5)));
    expect(delays.size).toBeGreaterThan(10);
  });
});
