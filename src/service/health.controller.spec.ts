import { SharedLook } from './health.controller';

describe('A look that is shared', () => {
  let looks: { answer: (sight: string) => void; fail: (error: Error) => void }[];
  let shared: SharedLook<string>;

  beforeEach(() => {
    jest.useFakeTimers({ advanceTimers: false });
    looks = [];
    shared = new SharedLook(
      () =>
        new Promise((answer, fail) => {
          looks.push({ answer, fail });
        }),
    );
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is one for all who ask while it is under way, and for a second', async () => {
    const asked = Array.from({ length: 300 }, () => shared.see());
    looks[0]?.answer('up');
    expect(new Set(await Promise.all(asked))).toEqual(new Set(['up']));
    jest.advanceTimersByTime(999);
    expect(await shared.see()).toBe('up');
    expect(looks).toHaveLength(1);
  });

  it('is never shown when it began a second ago, however late it ended', async () => {
    const first = shared.see();
    jest.advanceTimersByTime(900);
    looks[0]?.answer('up');
    await first;
    jest.advanceTimersByTime(100);
    const second = shared.see();
    looks[1]?.answer('down');
    expect(await second).toBe('down');
  });

  it('is shared when it fails, and made anew a second later', async () => {
    const asked = [shared.see(), shared.see()];
    looks[0]?.fail(new Error('gone'));
    for (const { status } of await Promise.allSettled(asked)) expect(status).toBe('rejected');
    await expect(shared.see()).rejects.toThrow('gone');
    jest.advanceTimersByTime(1_000);
    const later = shared.see();
    looks[1]?.answer('up');
    expect(await later).toBe('up');
    expect(looks).toHaveLength(2);
  });
});
