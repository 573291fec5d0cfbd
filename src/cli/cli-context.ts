/** What one call of the command line works with. */
export interface CliContext {
  readonly environment: NodeJS.ProcessEnv;
  /** What the process is to end with: 0 done, 1 failed, 2 wrongly called. */
  exitCode: number;
}
