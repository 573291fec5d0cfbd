import { HttpException } from '@nestjs/common';
import { ValidationError } from 'class-validator';
import { messageOf, mostTelling, typeOf, type ConstraintName } from './constraints';

/** Where the input came from: the first part of every location. */
export type InputSource = 'body' | 'query';

/** One error as the API tells it. */
export interface ErrorDetail {
  readonly loc: readonly (string | number)[];
  readonly msg: string;
  readonly type: string;
}

/** Input that breaks the rules: a 422 that lists all that is wrong with it. */
export class InputInvalidError extends HttpException {
  /** What is wrong: one entry a field. */
  readonly detail: readonly ErrorDetail[];

  /** @param tree class-validator's, whose root is the input's source */
  constructor(tree: ValidationError) {
    const detail = errorList(tree);
    super({ detail }, 422);
    this.message = `Invalid ${tree.property}`;
    this.detail = detail;
  }

  /** The input as a whole breaks a constraint. */
  static whole(
    source: InputSource,
    constraint: ConstraintName,
    limits: readonly unknown[] = [],
  ): InputInvalidError {
    return new InputInvalidError(failure(source, constraint, messageOf(constraint, limits)));
  }

  /** One field breaks a constraint. */
  static field(
    source: InputSource,
    field: string,
    constraint: ConstraintName,
    limits: readonly unknown[] = [],
  ): InputInvalidError {
    return InputInvalidError.fields(source, [
      failure(field, constraint, messageOf(constraint, limits)),
    ]);
  }

  /** Several fields break theirs. */
  static fields(source: InputSource, errors: ValidationError[]): InputInvalidError {
    return new InputInvalidError(
      Object.assign(new ValidationError(), { property: source, children: errors }),
    );
  }

  /** The body is no JSON from this character on. */
  static json(offset: number): InputInvalidError {
    const at = failure(String(offset), 'json_invalid', messageOf('json_invalid'));
    const body = { property: 'body', value: '', children: [at] };
    return new InputInvalidError(Object.assign(new ValidationError(), body));
  }
}

/** A node of the tree for one broken constraint. */
export function failure(
  property: string,
  constraint: ConstraintName,
  msg: string,
): ValidationError {
  return Object.assign(new ValidationError(), { property, constraints: { [constraint]: msg } });
}

/**
 * Flattens class-validator's tree into the API's list: one entry a field, in the tree's
 * order. Children of a sequence (a list, a text) are located by their position in it.
 */
function errorList(
  error: ValidationError,
  parents: readonly (string | number)[] = [],
  inSequence = false,
): ErrorDetail[] {
  const loc = [...parents, inSequence ? Number(error.property) : error.property];
  const { constraints = {}, children = [] } = error;
  const value: unknown = error.value;
  const name = mostTelling(constraints);
  const own = name ? [{ loc, msg: constraints[name] ?? '', type: typeOf(name) }] : [];
  const isSequence = typeof value === 'string' || Array.isArray(value);
  return [...own, ...children.flatMap((child) => errorList(child, loc, isSequence))];
}
