/** A mistake in how the command was called; the message says what it takes. */
export class UsageError extends Error {}
