import { ServiceUnavailableError } from '../core/errors';

/**
 * SQLSTATEs, by class or whole, that say "not now" rather than "never": connection lost, resources
 * out, being shut down, failing disk (58, and XX where the system's error has no class of its own),
 * read-only after a failover, lock not had in time, cancelled, deadlock.
 */
const TRANSIENT = /^(?:08|53|57|58|XX)|^(?:25006|55P03|40001|40P01)$/;

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** pg, its pool and TypeORM give these conditions a text but no code; the last is a connection lost while in use. */
const WITHOUT_CODE =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|client has encountered a connection error|connection error and is not queryable|client was closed and is not queryable|driver not connected|query runner already released/i;

/** The database cannot be had at the moment: 503 wherever it ends. Its message, the driver's, is for the log alone. */
class DatabaseUnavailableError extends ServiceUnavailableError {
  constructor(cause: unknown) {
    super(undefined, { cause });
    this.message = cause instanceof Error ? cause.message : String(cause);
  }
}

/** The error to throw on: a {@link ServiceUnavailableError} where it means that the database cannot be had. */
export function asUnavailable(error: unknown): unknown {
  return isDatabaseUnavailable(error) && !(error instanceof DatabaseUnavailableError)
    ? new DatabaseUnavailableError(error)
    : error;
}

/** Whether a statement was given up because it took longer than it may. */
export function isStatementTimeout(error: unknown): boolean {
  const cause = error instanceof DatabaseUnavailableError ? error.cause : error;
  return (Object(cause) as { code?: unknown }).code === '57014';
}

/** Whether an error means that the database cannot be had at the moment: 503, and try again. */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (error instanceof DatabaseUnavailableError) return true;
  const { code, message, syscall } = Object(error) as Readonly<Record<string, unknown>>;
  // The server takes its socket away when it ends.
  if (code === 'ENOENT') return syscall === 'connect';
  if (typeof code === 'string') return NETWORK.has(code) || TRANSIENT.test(code);
  return typeof message === 'string' && WITHOUT_CODE.test(message);
}
