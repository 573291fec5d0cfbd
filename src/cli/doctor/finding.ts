/** What a check found. */
export interface Finding {
  readonly check: string;
  /** `skipped`: nothing to check here, or what it needs has failed itself. */
  readonly status: 'ok' | 'failed' | 'skipped';
  readonly message: string;
  /** What to do about a failure. */
  readonly mend?: string;
}

export const ok = (check: string, message: string): Finding => ({ check, status: 'ok', message });

export const skipped = (check: string, message: string): Finding => ({
  check,
  status: 'skipped',
  message,
});

export const failed = (check: string, message: string, mend: string): Finding => ({
  check,
  status: 'failed',
  message,
  mend,
});
