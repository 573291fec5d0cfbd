import { ValidationError } from 'class-validator';
import { messageOf, type ConstraintName } from './constraints';

/** Where the input came from: the first part of every location. */
export type InputSource = 'body' | 'query';

/** Input that breaks the rules. Carries class-validator's tree, whose root is the input's source. */
export class InputInvalidError extends Error {
  constructor(readonly tree: ValidationError) {
    super(`Invalid ${tree.property}`);
    this.name = InputInvalidError.name;
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
