import {
  isStrongSecret,
  isWebhookSecret,
  STRONG_SECRET_TAKES,
  WEBHOOK_SECRET_TAKES,
} from '../../core/secret-strength';
import { readNetwork } from '../../http/validation/read-network';
import {
  VERIFY_SECRET,
  VERIFY_URI_HEADERS,
  type VerifyUriHeader,
} from '../../core/scim-tokens.options';
import { Takes } from './environment';

/** Any text. */
export const text = (value: string): string => value;

/** An integer between two bounds. */
export const integer =
  (min: number, max: number) =>
  (value: string): number => {
    const number = /^\d{1,10}$/.test(value) ? Number(value) : NaN;
    if (!(number >= min && number <= max)) throw new Takes(`an integer from ${min} to ${max}`);
    return number;
  };

/** `true` or `false`. */
export function boolean(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Takes('true or false');
  return value === 'true';
}

/** One of a few words. */
export const oneOf =
  <Word extends string>(words: readonly Word[]) =>
  (value: string): Word => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Takes(`one of ${words.join(', ')}`);
    return word;
  };

/** A text of some form, described for people. */
export const matching =
  (pattern: RegExp, description: string) =>
  (value: string): string => {
    if (!pattern.test(value)) throw new Takes(description);
    return value;
  };

/** A secret that nobody else may know. */
export function strongSecret(value: string): string {
  if (!isStrongSecret(value)) throw new Takes(STRONG_SECRET_TAKES);
  return value;
}

/** What a reverse proxy proves itself with. */
export function proxySecret(value: string): string {
  if (!VERIFY_SECRET.is(value)) throw new Takes(VERIFY_SECRET.takes);
  return value;
}

/** The header in which a reverse proxy says where a request goes, in whatever case. */
export function uriHeader(value: string): VerifyUriHeader {
  const header = VERIFY_URI_HEADERS.find((name) => name.toLowerCase() === value.toLowerCase());
  if (header === undefined) throw new Takes(VERIFY_URI_HEADERS.join(' or '));
  return header;
}

/** Words separated by commas. */
export function list(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

/** An http or https URL without credentials, query and fragment; trailing slashes are dropped. */
export const httpUrl =
  ({ httpsOnly }: { readonly httpsOnly: boolean }) =>
  (value: string): string => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const protocols = httpsOnly ? ['https:'] : ['https:', 'http:'];
    const plain = !/[?#@\s]/.test(value);
    if (!url || !plain || !protocols.includes(url.protocol)) {
      const kind = httpsOnly ? 'an https URL' : 'an http or https URL';
      throw new Takes(`${kind} without user name, query and fragment`);
    }
    return value.replace(/(?<!\/)\/+$/, '');
  };

/** An http or https URL without credentials and fragment, kept as it is: receivers have paths and queries of their own. */
export const receiverUrl =
  ({ httpsOnly }: { readonly httpsOnly: boolean }) =>
  (value: string): string => {
    const url = URL.canParse(value) ? new URL(value) : null;
    const protocols = httpsOnly ? ['https:'] : ['https:', 'http:'];
    const plain = url !== null && url.username + url.password === '' && !/[#\s]/.test(value);
    if (!plain || !protocols.includes(url.protocol)) {
      const kind = httpsOnly ? 'an https URL' : 'an http or https URL';
      throw new Takes(`${kind} without user name and fragment`);
    }
    return value;
  };

/** A key of Standard Webhooks. */
export function webhookSecret(value: string): string {
  if (!isWebhookSecret(value)) throw new Takes(WEBHOOK_SECRET_TAKES);
  return value;
}

/** A PostgreSQL connection string. */
export function databaseUrl(value: string): string {
  const url = URL.canParse(value) ? new URL(value) : null;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol) || url.hostname === '') {
    throw new Takes('a URL such as postgres://user:password@host:5432/database');
  }
  return value;
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2 };
const MAX_BODY = 16 * 1024 ** 2;

/** A size such as `64kb`, in bytes. */
export function size(value: string): number {
  const [, digits, unit = 'b'] = /^(\d{1,9})(b|kb|mb)?$/i.exec(value) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? NaN);
  if (!(bytes >= 1024 && bytes <= MAX_BODY))
    throw new Takes('a size from 1kb to 16mb, such as 64kb');
  return bytes;
}

/** Which proxies are believed about the client's address: how many, or which networks. */
export function proxies(value: string): number | string[] {
  const description =
    'a number of hops from 1 to 32 or a list of networks; not true, which would let a client name its own IP';
  if (/^\d+$/.test(value)) {
    const hops = Number(value);
    if (hops < 1 || hops > 32) throw new Takes(description);
    return hops;
  }
  return list(value).map((item) => {
    const network = readNetwork(item);
    if (typeof network !== 'string') throw new Takes(description);
    return network;
  });
}

/** Origins that browsers may call from. */
export function origins(value: string): string[] {
  return list(value).map((item) => {
    if (!URL.canParse(item) || new URL(item).origin !== item) {
      throw new Takes('a list of origins such as https://admin.example.com; not *');
    }
    return item;
  });
}

/** Days before an expiry at which an event goes out, descending. */
export function noticeDays(value: string): number[] {
  const days = list(value).map(Number);
  const sound = days.every((day) => Number.isInteger(day) && day >= 1 && day <= 365);
  if (!sound || days.length === 0)
    throw new Takes('a list of days from 1 to 365, such as 30,14,7,1');
  return [...new Set(days)].sort((a, b) => b - a);
}
