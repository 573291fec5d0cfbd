import type { LoggerService } from '@nestjs/common';
import pino, { type DestinationStream, type Logger } from 'pino';
import pretty from 'pino-pretty';
import { LogEntry } from '../core/log-entry';

/** Our values, which no log line may hold, wherever they turn up. */
const VALUES = /[a-z][a-z0-9]{1,20}_[0-9A-Za-z]{12}_[0-9A-Za-z]{38}/g;
/** All that a JWT may go on with: looking for its dots from each `eyJ` on would cost squares. */
const JWTS = /eyJ[\w.-]*/g;

const REDACTED = '[redacted]';

/** Bytes of log lines that are written at once, and milliseconds a line waits at most. */
const LOG_BLOCK_BYTES = 4096;
const LOG_FLUSH_MS = 1000;

/** Strikes out whatever looks like a SCIM token's value or a JWT. */
export function redact(text: string): string {
  return text
    .replace(JWTS, (found) => (hasTwoDots(found) ? REDACTED : found))
    .replace(VALUES, REDACTED);
}

function hasTwoDots(text: string): boolean {
  return text.indexOf('.') !== text.lastIndexOf('.');
}

/**
 * The process's logger: JSON lines in production, readable otherwise.
 *
 * @param level one of pino's
 */
export function createLogger(level: string, production: boolean): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: describeError },
    hooks: {
      // The last line of defence: every line passes through here.
      streamWrite: redact,
    },
  };
  return production
    ? pino({ ...options, formatters: { level: (label) => ({ level: label }) } }, buffered())
    : pino(options, pretty({ translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }));
}

/**
 * Standard output, written in blocks and at least once a second: a system call for each line would be
 * felt at a thousand requests a second. What is left is written when the process exits.
 */
function buffered(): DestinationStream {
  return pino.destination({
    sync: false,
    minLength: LOG_BLOCK_BYTES,
    periodicFlush: LOG_FLUSH_MS,
  });
}

/** Lets Nest write to the same place. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, context?: unknown): void {
    this.logger.debug({ context }, text(message));
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    if (message instanceof LogEntry) {
      this.logger[level]({ ...message });
      return;
    }
    if (isFields(message)) {
      this.logger[level](message, text(rest[0]));
      return;
    }
    this.logger[level]({ context: rest.at(-1) }, text(message));
  }
}

/** Keeps an error's kind, text and stack; a driver's error also holds parameters, which stay out. */
function describeError(error: Error): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  return { type: error.name, message: error.message, stack: error.stack, code };
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Error);
}

function text(value: unknown): string {
  if (value instanceof Error) return value.stack ?? value.message;
  return typeof value === 'string' ? value : String(value);
}
