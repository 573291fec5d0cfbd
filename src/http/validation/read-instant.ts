import { WholeFloat } from './json-body';
import { Rejected } from './read-values';

const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt _](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d+))?)?([Zz]|[+\-−]\d\d:?\d\d)?)?$/;
/** Taken off first: the expression would look at each once more where something follows that fits nowhere. */
const BELOW_MILLISECONDS = /([.,]\d{3})\d+/;
/** An integer, or with a point a float: as one expression, since each that fails has gone through all digits. */
const NUMBER = /^[+-]?(?:\d+(?:\.\d*(?:e[+-]?\d+)?)?|\.\d+(?:e[+-]?\d+)?)$/i;
/** Numbers beyond this are milliseconds, others seconds: 20 000 000 000 s is in the year 2603. */
const MILLISECONDS_FROM = 2e10;
/** 0000-01-01T00:00:00Z, 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z. */
const ZERO_MS = -62_167_219_200_000;
const FIRST_MS = -62_135_596_800_000;
const LAST_MS = 253_402_300_799_999;

/**
 * Reads a point in time as pydantic does in its lax mode: RFC 3339 with its usual liberties, or a Unix
 * time in seconds or milliseconds, as a number or as text. It needs an offset. Kept to the millisecond.
 */
export function readInstant(input: unknown): Date | Rejected {
  if (input instanceof WholeFloat) return fromNumber(input.value);
  if (typeof input === 'number') return fromNumber(input);
  if (typeof input === 'bigint') {
    const number = Number(input);
    return Number.isFinite(number) ? fromNumber(number) : new Rejected('datetime_type');
  }
  if (typeof input !== 'string') return new Rejected('datetime_type');
  if (!input.isWellFormed()) return new Rejected('string_unicode');
  if (NUMBER.test(input)) {
    const number = Number(input);
    if (!input.includes('.')) return fromIntegerText(number);
    return Number.isFinite(number) ? fromNumber(number) : malformed();
  }
  const parts = DATE_TIME.exec(input.replace(BELOW_MILLISECONDS, '$1'));
  return parts ? fromParts(parts) : malformed();
}

function fromNumber(value: number): Date | Rejected {
  if (Number.isNaN(value)) return new Rejected('datetime_parsing', 'NaN values not permitted');
  // The whole part alone decides what the number counts.
  const ms = Math.trunc(Math.abs(Math.floor(value)) > MILLISECONDS_FROM ? value : value * 1000);
  if (ms > LAST_MS || ms < ZERO_MS) {
    const side = value > 0 ? 'after 9999' : 'before 0000';
    return new Rejected('datetime_parsing', `dates ${side} are not supported as unix timestamps`);
  }
  return ms < FIRST_MS ? yearZero() : new Date(ms);
}

/** A text of digits that is no time could still be a date that is wrongly written. */
function fromIntegerText(value: number): Date | Rejected {
  const instant = fromNumber(value);
  const isOutside = value > LAST_MS || value < ZERO_MS;
  return isOutside ? malformed() : instant;
}

function fromParts(parts: RegExpExecArray): Date | Rejected {
  const number = (group: number): number => Number(parts[group] ?? 0);
  const [year, month, day] = [number(1), number(2), number(3)];
  const [hours, minutes, seconds] = [number(4), number(5), number(6)];
  if (month < 1 || month > 12) {
    return unreadable('month value is outside expected range of 1-12');
  }
  if (day < 1 || day > daysIn(year, month)) {
    return unreadable('day value is outside expected range');
  }
  if (hours > 23 || minutes > 59 || seconds > 59) {
    return unreadable('time value is outside expected range');
  }
  const offset = parts[8];
  const offsetMinutes = offset === undefined ? 0 : minutesOf(offset);
  if (offsetMinutes === null) return unreadable('offset is outside expected range');
  if (year === 0) return yearZero();
  if (offset === undefined) return new Rejected('timezone_aware');
  const milliseconds = Number((parts[7] ?? '').padEnd(3, '0').slice(0, 3));
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hours, minutes - offsetMinutes, seconds, milliseconds);
  return instant;
}

/** Minutes east of UTC; null for an offset of a day or more. */
function minutesOf(offset: string): number | null {
  if (/^z$/i.test(offset)) return 0;
  const hours = Number(offset.slice(1, 3));
  const minutes = Number(offset.slice(-2));
  if (hours > 23 || minutes > 59) return null;
  return (offset.startsWith('+') ? 1 : -1) * (hours * 60 + minutes);
}

function daysIn(year: number, month: number): number {
  const last = new Date(0);
  last.setUTCFullYear(year, month, 0);
  return last.getUTCDate();
}

function yearZero(): Rejected {
  return new Rejected('datetime_parsing', 'year 0 is out of range');
}

function malformed(): Rejected {
  return unreadable('expected a form such as 2030-01-31T00:00:00Z');
}

function unreadable(detail: string): Rejected {
  return new Rejected('datetime_from_date_parsing', detail);
}
