/** What the rules need to know of the request around an input. */
export interface InputContext {
  readonly now: Date;
  /** Longest lifetime in days that an expiry may ask for. */
  readonly maxTtlDays: number;
  /** Whether the input must name the tenant, since nothing else does. */
  readonly tenantRequired: boolean;
}

const CONTEXTS = new WeakMap<object, InputContext>();

/** Tells the rules of a DTO instance what it is validated in. */
export function setInputContext(dto: object, context: InputContext): void {
  CONTEXTS.set(dto, context);
}

/** What a DTO instance is validated in. */
export function inputContextOf(dto: object): InputContext {
  const context = CONTEXTS.get(dto);
  if (!context) throw new Error('A DTO was validated without its context');
  return context;
}
