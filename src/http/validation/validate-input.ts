import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, validateSync, ValidationError } from 'class-validator';
import { isRecord } from '../../core/checks';
import { messageOf } from './constraints';
import { READABLE } from './decorators';
import { exclusiveFieldsOf, membersOf } from './dto-structure';
import { type InputContext, setInputContext } from './input-context';
import { failure, InputInvalidError, type InputSource } from './input-invalid.error';
import { WholeFloat } from './json-body';
import { Rejected } from './read-values';

/** Raw input of a request. */
export interface RawInput {
  readonly source: InputSource;
  readonly value: unknown;
  /** Names of the fields in the input's own order; undefined where unknown ones are ignored. */
  readonly fields?: () => readonly string[];
}

/**
 * Turns raw input into a DTO by its decorators.
 *
 * @throws InputInvalidError with every error at once: known fields in the DTO's order, then unknown
 * ones in the input's
 */
export function validateInput<Dto extends object>(
  dto: new () => Dto,
  { source, value, fields }: RawInput,
  context: InputContext,
): Dto {
  if (value === undefined || value === null) throw InputInvalidError.whole(source, 'missing');
  if (!isRecord(value) || value instanceof WholeFloat) {
    throw InputInvalidError.whole(source, 'dict_type');
  }
  const sent = fields?.() ?? [];
  if (!areWellFormed(sent)) throw InputInvalidError.whole(source, 'string_unicode');
  const { instance, errors } = fill(dto, value, sent, context);
  if (errors.length > 0) throw InputInvalidError.fields(source, errors);
  const pair = exclusiveFieldsOf(instance);
  if (pair?.every((field) => isSet((instance as Record<string, unknown>)[field]))) {
    throw InputInvalidError.whole(source, 'not_both', pair);
  }
  return instance;
}

/** A DTO of what was sent, and all that is wrong with it. */
function fill<Dto extends object>(
  dto: new () => Dto,
  value: Readonly<Record<string, unknown>>,
  sent: readonly string[],
  context: InputContext,
): { readonly instance: Dto; readonly errors: ValidationError[] } {
  const known = fieldsOf(dto);
  const instance = plainToInstance(dto, pick(value, known));
  setInputContext(instance, context);
  const errors = validateSync(instance).map(withReasons);
  for (const field of known) {
    const members = membersOf(dto, field);
    const given = value[field];
    if (!members || !isRecord(given) || errors.some(({ property }) => property === field)) continue;
    const names = Object.keys(given);
    if (areWellFormed(names)) {
      const filled = fill(members, given, names, context);
      Object.assign(instance, { [field]: filled.instance });
      if (filled.errors.length > 0) errors.push(parent(field, filled.errors));
    } else {
      errors.push(failure(field, 'string_unicode', messageOf('string_unicode')));
    }
  }
  const unknown = sent.filter((field) => !known.includes(field));
  const extra = messageOf('extra_forbidden');
  errors.push(...unknown.map((field) => failure(field, 'extra_forbidden', extra)));
  return { instance, errors };
}

function parent(property: string, children: ValidationError[]): ValidationError {
  return Object.assign(new ValidationError(), { property, children });
}

function areWellFormed(names: readonly string[]): boolean {
  return names.every((name) => name.isWellFormed());
}

const FIELDS = new WeakMap<object, readonly string[]>();

/** A DTO's fields, in the order in which they are declared. */
function fieldsOf(dto: new () => object): readonly string[] {
  let fields = FIELDS.get(dto);
  if (!fields) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(dto, '', false, false);
    fields = [...new Set(rules.map(({ propertyName }) => propertyName))];
    FIELDS.set(dto, fields);
  }
  return fields;
}

/** Only own and known fields, and no deeper than any field's rule looks. */
function pick(
  value: Readonly<Record<string, unknown>>,
  fields: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter((field) => Object.hasOwn(value, field))
      .map((field) => {
        const input = value[field];
        return [field, Array.isArray(input) ? input.map(shallow) : shallow(input)];
      }),
  );
}

function shallow(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof WholeFloat) return value;
  return Array.isArray(value) ? [] : {};
}

/** Puts the reason why a value or a list's items could not be read in the place of the bare fact. */
function withReasons(error: ValidationError): ValidationError {
  const { value } = error as { value: unknown };
  if (!error.constraints || !(READABLE in error.constraints)) return error;
  const { [READABLE]: _, ...constraints } = error.constraints;
  if (value instanceof Rejected) {
    constraints[value.constraint] = messageOf(value.constraint, value.limits);
  } else if (Array.isArray(value)) {
    error.children = value.flatMap((item: unknown, index) =>
      item instanceof Rejected
        ? [failure(String(index), item.constraint, messageOf(item.constraint, item.limits))]
        : [],
    );
  }
  return Object.assign(error, { constraints });
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
