import {
  isStrongSecret,
  isWebhookSecret,
  STRONG_SECRET_TAKES,
  WEBHOOK_SECRET_TAKES,
} from '../../core/secret-strength';
import {
  NOTICE_DAYS,
  SCHEMA_OPTION,
  VERIFY_SECRET,
  VERIFY_URI_HEADERS,
  type VerifyUriHeader,
  type WebhookOptions,
} from '../../core/scim-tokens.options';

/** What an option takes: the check, and how it is said. */
export interface Kind<Value> {
  readonly is: (value: unknown) => value is Value;
  readonly takes: string;
}

/** A switch. */
export const BOOLEAN: Kind<boolean> = {
  is: (value) => typeof value === 'boolean',
  takes: 'true or false',
};

/** Key of the MAC. */
export const PEPPER: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && isStrongSecret(value)),
  takes: `a string of ${STRONG_SECRET_TAKES}`,
};

/** What a reverse proxy proves itself with. */
export const PROXY_SECRET: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && VERIFY_SECRET.is(value)),
  takes: VERIFY_SECRET.takes,
};

/** Header of a reverse proxy. */
export const URI_HEADER: Kind<VerifyUriHeader | null> = {
  is: (value): value is VerifyUriHeader | null =>
    value === null || (VERIFY_URI_HEADERS as readonly unknown[]).includes(value),
  takes: VERIFY_URI_HEADERS.join(' or '),
};

/** Where events go. */
export const WEBHOOK: Kind<WebhookOptions | null> = {
  is: (value): value is WebhookOptions | null =>
    value === null ||
    (isRecord(value) &&
      typeof value.url === 'string' &&
      URL.canParse(value.url) &&
      /^https?:$/.test(new URL(value.url).protocol) &&
      typeof value.secret === 'string' &&
      isWebhookSecret(value.secret)),
  takes: `{url, secret}: an http or https URL, and ${WEBHOOK_SECRET_TAKES}`,
};

/** Days before an expiry. */
export const DAYS: Kind<readonly number[]> = {
  is: (value): value is readonly number[] =>
    Array.isArray(value) &&
    value.every(
      (day: unknown) =>
        typeof day === 'number' &&
        Number.isInteger(day) &&
        day >= NOTICE_DAYS.min &&
        day <= NOTICE_DAYS.max,
    ),
  takes: `a list of days from ${NOTICE_DAYS.min} to ${NOTICE_DAYS.max}`,
};

/** Connection string. */
export const DATABASE_URL: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && /^postgres(ql)?:\/\/[^/]/.test(value)),
  takes: 'a URL such as postgres://user:password@host:5432/database',
};

/** Schema of our tables. */
export const SCHEMA: Kind<string | null> = {
  is: (value): value is string | null =>
    value === null || (typeof value === 'string' && SCHEMA_OPTION.pattern.test(value)),
  takes: SCHEMA_OPTION.takes,
};

/** Something with these methods: a host need not extend our classes. */
export function port<Port>(...methods: readonly string[]): Kind<Port> {
  return {
    is: (value): value is Port =>
      isRecord(value) && methods.every((method) => typeof value[method] === 'function'),
    takes: `an object with ${methods.join(' and ')}`,
  };
}

/** An object, whose properties may be anything. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
