/** What a check found. */
export interface Finding {
  readonly check: string;
  /** `skipped`: nothing to check here, or what it needs has failed itself. */
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly message: string;
  /** What to do about a failure. */
  readonly mend?: string;
}

/** All is well. */
export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });

/** Nothing was looked at, and why. */
export const skipped = (check: string, message: string): Finding => ({
  check,
  status: 'skipped',
  message,
});

/** What is wrong, and what to do. */
export const failed = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'failed',
  message,
  mend,
});
