/** What a constraint is told about when its message is made. */
interface Failure {
  /** The constraint's own limits: a number, allowed words, a detail. */
  readonly limits: readonly unknown[];
  readonly value: unknown;
}

type Message = string | ((failure: Failure) => string);

/** What it says, and what it is called where that is not its own name. */
type Constraint = Message | { readonly type: string; readonly msg: Message };

/**
 * The one table of constraints: what each is called on the wire, and what it says (pydantic 2's types
 * and texts). A value that breaks several is reported by the first of them in this order.
 */
const CONSTRAINTS = {
  missing: 'Field required',
  // Of no use to the method that is asked for, whatever it is.
  only_workload_identity: {
    type: 'value_error',
    msg: 'Value error, only for workload_identity',
  },
  not_bearer: {
    type: 'value_error',
    msg: 'Value error, only for client_credentials and workload_identity',
  },
  json_invalid: 'JSON decode error',
  dict_type: 'Input should be a valid dictionary',
  list_type: 'Input should be a valid list',
  string_type: 'Input should be a valid string',
  string_unicode: 'Input should be a valid string, unable to parse raw data as a unicode string',
  int_type: 'Input should be a valid integer',
  int_parsing: 'Input should be a valid integer, unable to parse string as an integer',
  int_parsing_size: 'Unable to parse input string as an integer, exceeded maximum size',
  finite_number: 'Input should be a finite number',
  int_from_float: 'Input should be a valid integer, got a number with a fractional part',
  bool_type: 'Input should be a valid boolean',
  bool_parsing: 'Input should be a valid boolean, unable to interpret input',
  datetime_type: 'Input should be a valid datetime',
  datetime_from_date_parsing: ({ limits }) =>
    `Input should be a valid datetime or date, ${String(limits[0])}`,
  datetime_parsing: ({ limits }) => `Input should be a valid datetime, ${String(limits[0])}`,
  timezone_aware: 'Input should have timezone info',
  datetime_future: 'Input should be in the future',
  literal_error: ({ limits }) => `Input should be ${oneOf(limits)}`,
  ip_any_network: 'value is not a valid IPv4 or IPv6 network',
  ip_any_address: 'value is not a valid IPv4 or IPv6 address',
  string_too_short: ({ limits }) =>
    `String should have at least ${counted(limits[0], 'character')}`,
  string_too_long: ({ limits }) => `String should have at most ${counted(limits[0], 'character')}`,
  too_long: ({ limits, value }) =>
    `List should have at most ${counted(limits[0], 'item')} after validation, not ${lengthOf(value)}`,
  too_short: ({ limits, value }) =>
    `List should have at least ${counted(limits[0], 'item')} after validation, not ${lengthOf(value)}`,
  greater_than_equal: ({ limits }) =>
    `Input should be greater than or equal to ${String(limits[0])}`,
  less_than_equal: ({ limits }) => `Input should be less than or equal to ${String(limits[0])}`,
  nul_character: { type: 'value_error', msg: 'Value error, must not contain NUL characters' },
  not_sha256: {
    type: 'string_pattern_mismatch',
    msg: "String should match pattern '^[0-9a-fA-F]{64}$'",
  },
  oauth_off: { type: 'value_error', msg: 'Value error, OAuth is switched off here' },
  untrusted_issuer: { type: 'value_error', msg: 'Value error, issuer is not trusted here' },
  known_digest: { type: 'value_error', msg: 'Value error, is known already' },
  too_many_active: {
    type: 'value_error',
    msg: ({ limits }) => `Value error, tenant already has ${String(limits[0])} active SCIM tokens`,
  },
  bad_return_url: {
    type: 'value_error',
    msg: 'Value error, must be an https URL of an origin that is allowed here',
  },
  bad_cursor: { type: 'value_error', msg: 'Value error, is not a cursor of this list' },
  beyond_max_ttl: {
    type: 'value_error',
    msg: ({ limits }) => `Value error, must be at most ${String(limits[0])} days ahead`,
  },
  not_both: {
    type: 'value_error',
    msg: ({ limits }) => `Value error, set either ${limits.join(' or ')}, not both`,
  },
  extra_forbidden: 'Extra inputs are not permitted',
} as const satisfies Record<string, Constraint>;

/** Name of a constraint: a key of class-validator's `constraints`. */
export type ConstraintName = keyof typeof CONSTRAINTS;

const BY_PRIORITY = Object.keys(CONSTRAINTS) as ConstraintName[];

/** The `type` under which a broken constraint is reported. */
export function typeOf(name: ConstraintName): string {
  const constraint: Constraint = CONSTRAINTS[name];
  return typeof constraint === 'object' ? constraint.type : name;
}

/** The `msg` of a broken constraint. */
export function messageOf(
  name: ConstraintName,
  limits: readonly unknown[] = [],
  value?: unknown,
): string {
  const constraint: Constraint = CONSTRAINTS[name];
  const msg = typeof constraint === 'object' ? constraint.msg : constraint;
  return typeof msg === 'string' ? msg : msg({ limits, value });
}

/** The one of several broken constraints that is reported. */
export function mostTelling(broken: Readonly<Record<string, string>>): ConstraintName | undefined {
  return BY_PRIORITY.find((name) => name in broken);
}

function counted(limit: unknown, noun: string): string {
  return `${String(limit)} ${noun}${limit === 1 ? '' : 's'}`;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function oneOf(words: readonly unknown[]): string {
  const quoted = words.map((word) => `'${String(word)}'`);
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} or ${last}` : last;
}
