import { at } from './json-parts';
import type { Answer } from './scenario';
import type { ScimRequest } from './scim-connection';

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';

/** What holds for every answer, whatever was asked. */
interface Rule {
  readonly scenario: string;
  readonly source: string;
  readonly does: string;
  readonly breaks: string;
  /** What was expected and is not so; null where it is. */
  readonly broken: (answer: Answer, request: ScimRequest) => string | null;
  /** What is there in its place. */
  readonly came: (answer: Answer) => string;
}

const bodyOf = ({ status, text }: Answer): string => `${status} ${text || 'without a body'}`;
const header =
  (name: string) =>
  ({ headers }: Answer): string =>
    `header ${name} ${headers.get(name) ?? 'missing'}`;

export const RULES: readonly Rule[] = [
  {
    scenario: 'every answer: application/scim+json',
    source: 'RFC 7644 §8.1',
    does: 'A body says that it is application/scim+json.',
    breaks: 'Clients that look at the type take no answer for one of SCIM.',
    broken: ({ headers, text }) => {
      const [type = ''] = (headers.get('content-type') ?? '').toLowerCase().split(';', 1);
      return text === '' || type.trim() === 'application/scim+json'
        ? null
        : 'header content-type application/scim+json';
    },
    came: header('content-type'),
  },
  {
    scenario: 'every answer: errors of RFC 7644',
    source: 'RFC 7644 §3.12',
    does: 'An error is a message with its schema and its status as a string.',
    breaks: "The administrator reads no reason in the provider's log.",
    broken: ({ status, body }) => {
      if (status < 400) return null;
      const schemas = at(body, 'schemas');
      const isError = Array.isArray(schemas) && schemas.includes(ERROR);
      return isError && at(body, 'status') === String(status)
        ? null
        : `schemas ["${ERROR}"] and status "${status}"`;
    },
    came: bodyOf,
  },
  {
    scenario: 'every answer: id and meta of a resource',
    source: 'RFC 7643 §3.1',
    does: 'A resource has an id, which is a string, and its type and location in meta.',
    breaks: 'Providers cannot address what they made: its next change creates it again.',
    broken: ({ status, body }, { path }) => {
      const isResource = status < 300 && /^\/(Users|Groups)(\/[^?.]+)?$/.test(path);
      if (!isResource || body === undefined || at(body, 'totalResults') !== undefined) return null;
      const id = at(body, 'id');
      if (typeof id !== 'string' || id === '') return 'id, a string';
      return ['resourceType', 'location'].every(
        (part) => typeof at(body, `meta.${part}`) === 'string',
      )
        ? null
        : 'meta.resourceType and meta.location';
    },
    came: bodyOf,
  },
  {
    scenario: 'every answer: Location of what was created',
    source: 'RFC 7644 §3.3',
    does: '201 has the address of the resource in its header Location.',
    breaks: 'Clients that follow it do not find what they made.',
    broken: ({ status, headers, body }) => {
      const sent = headers.get('location');
      const location = at(body, 'meta.location') ?? sent;
      if (status !== 201 || (sent !== undefined && sent === location)) return null;
      return `header location ${typeof location === 'string' ? location : 'with the address'}`;
    },
    came: header('location'),
  },
  {
    scenario: 'every answer: no password',
    source: 'RFC 7643 §4.1.1',
    does: 'A password goes in and never comes out.',
    breaks: 'Whoever reads users, or a log of answers, reads passwords.',
    broken: ({ text }) => (/"password"\s*:\s*"/.test(text) ? 'no password' : null),
    came: bodyOf,
  },
];
