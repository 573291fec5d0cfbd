import { DAY_MS } from '../../core/clock';
import { applyDecorators as all } from '@nestjs/common';
import { Transform, type TransformFnParams } from 'class-transformer';
import { ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import { isAtLeast, isAtMost } from '../../core/checks';
import { type ConstraintName, messageOf } from './constraints';
import { inputContextOf } from './input-context';
import { readInstant } from './read-instant';
import { readAddress } from './read-network';
import { readBoolean, readInteger, readText, Rejected } from './read-values';

/** Reads one value, or says which constraint it breaks. */
export type Reader<Value> = (input: unknown) => Value | Rejected;

/** Name of the constraint that input breaks which could not be read; the value says how. */
export const READABLE = 'readable';

/** The field must be there. */
export const IsRequired = () => rule('missing', (value) => value !== undefined);

/** The field may be left out. */
export const IsOmittable = () => ValidateIf((_, value) => value !== undefined);

/**
 * The field may be left out or null. Stands last: what is read is worked out from top to bottom.
 *
 * @param unless raw inputs in which null is read as any other value
 */
export const IsNullable = (unless?: (input: Readonly<Record<string, unknown>>) => boolean) =>
  all(
    KeepNull(unless),
    ValidateIf((_, value) => isSet(value)),
  );

/** The field must be there, null not counting, in the DTOs that `required` picks. Stands last. */
export const IsRequiredWhere = (required: (dto: object) => boolean) =>
  all(
    KeepNull(),
    ValidateIf((dto: object, value) => isSet(value) || required(dto)),
    rule('missing', isSet),
  );

/** The same where nothing but the input names the tenant. Stands last. */
export const IsRequiredTenant = () => IsRequiredWhere((dto) => inputContextOf(dto).tenantRequired);

/** The same where, moreover, the field `other` is there. Stands last. */
export const IsRequiredTenantWith = (other: string) =>
  all(
    ValidateIf(
      (dto: object, value) =>
        value !== undefined ||
        (inputContextOf(dto).tenantRequired && isSet((dto as Record<string, unknown>)[other])),
    ),
    rule('missing', isSet),
  );

/** A string, its length counted in code points. */
export const IsText = ({ min = 0, max }: { readonly min?: number; readonly max: number }) =>
  all(
    Read(readText),
    rule(
      'string_too_short',
      (value) => typeof value !== 'string' || isAtLeast(value, min),
      () => [min],
    ),
    rule(
      'string_too_long',
      (value) => typeof value !== 'string' || isAtMost(value, max),
      () => [max],
    ),
    rule('nul_character', (value) => typeof value !== 'string' || !value.includes('\0')),
  );

/** A string, whatever is in it. */
export const IsAnyText = () => Read(readText);

/** An IPv4 or IPv6 address. */
export const IsAddress = () => Read(readAddress);

/** An integer, or what reads as one. */
export const IsInteger = ({
  min,
  max = Infinity,
}: {
  readonly min: number;
  readonly max?: number;
}) =>
  all(
    Read(readInteger),
    rule(
      'greater_than_equal',
      (value) => typeof value !== 'number' || value >= min,
      () => [min],
    ),
    rule(
      'less_than_equal',
      (value) => typeof value !== 'number' || value <= max,
      () => [max],
    ),
  );

/** A boolean, or what reads as one. */
export const IsBool = () => Read(readBoolean);

/** A point in time with an offset. */
export const IsInstant = () => Read(readInstant);

/** A point in time with an offset, in the future. */
export const IsFutureInstant = () =>
  all(
    IsInstant(),
    rule(
      'datetime_future',
      (value, { object }) => !(value instanceof Date) || value > inputContextOf(object).now,
    ),
  );

/** One of a few words. */
export const IsWord = (words: readonly string[]) => Read(wordReader(words));

/** A list of such words; repeated ones are dropped. */
export const IsWordList = (words: readonly string[], limits: ListLimits) =>
  IsListOf(wordReader(words), limits);

interface ListLimits {
  readonly min?: number;
  readonly max?: number;
}

/** A list whose items are read one by one; repeated ones are dropped. A list that is too long is not looked into. */
export const IsListOf = <Item>(read: Reader<Item>, { min = 0, max = Infinity }: ListLimits) =>
  all(
    Read((input) => {
      if (!Array.isArray(input)) return new Rejected('list_type');
      if (input.length > max) return input as unknown[];
      const items = input.map(read);
      return hasRejectedItem(items) ? items : [...new Set(items)];
    }),
    rule(
      'too_long',
      (value) => !Array.isArray(value) || value.length <= max,
      () => [max],
    ),
    rule(
      'too_short',
      (value) => !Array.isArray(value) || value.length >= min,
      () => [min],
    ),
  );

/**
 * An expiry no further ahead than the longest lifetime; where `other` is given too, the question which
 * of the two counts comes first.
 */
export const IsWithinMaxTtl = (other: string) =>
  rule(
    'beyond_max_ttl',
    (value, { object }) => {
      const { now, maxTtlDays } = inputContextOf(object);
      if (isSet((object as Record<string, unknown>)[other])) return true;
      if (typeof value === 'number') return value <= maxTtlDays;
      return !(value instanceof Date) || value.getTime() - now.getTime() <= maxTtlDays * DAY_MS;
    },
    ({ object }) => [inputContextOf(object).maxTtlDays],
  );

/** Reads a field's raw value before its other rules look at it. */
export function Read<Value>(read: Reader<Value>): PropertyDecorator {
  return all(
    Transform(({ value }: { value: unknown }) => read(value)),
    ValidateBy({
      name: READABLE,
      validator: {
        validate: (value: unknown) => !(value instanceof Rejected) && !hasRejectedItem(value),
      },
    }),
  );
}

/** Puts back a null in the place of the type error that it was read as. */
const KeepNull = (
  unless: (input: Readonly<Record<string, unknown>>) => boolean = () => false,
): PropertyDecorator =>
  Transform(({ obj, key, value }: TransformFnParams): unknown => {
    const input = obj as Readonly<Record<string, unknown>>;
    return input[key] === null && !unless(input) ? null : value;
  });

function wordReader(words: readonly string[]): Reader<string> {
  return (input) => {
    if (typeof input === 'string' && !input.isWellFormed()) return new Rejected('string_unicode');
    return words.find((word) => word === input) ?? new Rejected('literal_error', ...words);
  };
}

/** A rule that the table of constraints names; `limits` are what its text is about. */
export function rule(
  name: ConstraintName,
  holds: (value: unknown, args: ValidationArguments) => boolean,
  limits: (args: ValidationArguments) => readonly unknown[] = () => [],
): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      // class-validator always hands the arguments on; its types leave room for callers that do not.
      validate: (value: unknown, args) => args !== undefined && holds(value, args),
      defaultMessage: (args) => messageOf(name, args ? limits(args) : [], args?.value),
    },
  });
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function hasRejectedItem(value: unknown): boolean {
  return Array.isArray(value) && value.some((item) => item instanceof Rejected);
}
