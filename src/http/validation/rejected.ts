import type { ConstraintName } from './constraints';

/** Stands in a DTO for input that could not be read as what the field takes. */
export class Rejected {
  readonly limits: readonly unknown[];

  constructor(
    readonly constraint: ConstraintName,
    ...limits: readonly unknown[]
  ) {
    this.limits = limits;
  }
}
