import type { Fault, PassingAnswer, PassingRequest } from './faulty-proxy';

/** A fault, and what the run has to name: the provider, the scenario and the step. */
export interface NamedFault extends Fault {
  readonly fault: string;
  readonly provider: string;
  readonly scenario: string;
  readonly step: string;
}

const ERROR = 'urn:ietf:params:scim:api:messages:2.0:Error';
const refusal = (status: number, detail = 'refused'): PassingAnswer => ({
  status,
  headers: { 'content-type': 'application/scim+json' },
  body: { schemas: [ERROR], status: String(status), detail },
});
const emptyList = (): PassingAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/scim+json' },
  body: {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    totalResults: 0,
    startIndex: 1,
    itemsPerPage: 0,
    Resources: [],
  },
});
interface Operation {
  op: string;
  path?: string;
  value?: unknown;
}
const operations = ({ method, body }: PassingRequest): Operation[] =>
  method === 'PATCH' ? ((body as { Operations?: Operation[] }).Operations ?? []) : [];
const refuseWhere =
  (isRefused: (request: PassingRequest) => boolean, status = 400) =>
  (request: PassingRequest): PassingAnswer | undefined =>
    isRefused(request) ? refusal(status) : undefined;
const without =
  (name: string) =>
  (request: PassingRequest): undefined => {
    request.path = request.path
      .replace(new RegExp(`(?<=[?&])${name}=[^&]*&?`), '')
      .replace(/[?&]$/, '');
  };
const isList = ({ body }: PassingAnswer): boolean => Array.isArray(body?.Resources);

/** Servers of others have had these, or are said to. */
export const FAULTS: readonly NamedFault[] = [
  {
    fault: 'active is kept as the text it came as',
    provider: 'entra',
    scenario: 'without aadOptscim062020: capitals, strings for booleans',
    step: 'active is the boolean false',
    answer: ({ body }) => {
      if (body?.active === false) body.active = 'False';
    },
  },
  {
    fault: 'operations have to be in small letters',
    provider: 'entra',
    scenario: 'disable and restore a user',
    step: 'disable: op Replace, boolean false',
    request: refuseWhere((request) =>
      operations(request).some(({ op }) => op !== op.toLowerCase()),
    ),
  },
  {
    fault: 'filters are ignored',
    provider: 'entra',
    scenario: 'test connection',
    step: 'a user that cannot exist, by the matching attribute',
    request: without('filter'),
  },
  {
    fault: 'an empty result is 404',
    provider: 'entra',
    scenario: 'test connection',
    step: 'a user that cannot exist, by the matching attribute',
    answer: (answer) => {
      if (answer.body?.totalResults === 0) Object.assign(answer, refusal(404));
    },
  },
  {
    fault: 'userName is compared letter by letter',
    provider: 'okta',
    scenario: 'the SCIM 2.0 spec test',
    step: 'userName is not case-sensitive',
    request: ({ path }) => (path.includes('"RUNSCOPE') ? emptyList() : undefined),
  },
  {
    fault: 'a doubled userName is 400',
    provider: 'okta',
    scenario: 'the SCIM 2.0 spec test',
    step: 'the same again',
    answer: (answer) => {
      if (answer.status === 409) Object.assign(answer, refusal(400));
    },
  },
  {
    fault: 'a doubled userName has no scimType',
    provider: 'rfc',
    scenario: 'create: what the server decides',
    step: 'the same userName',
    answer: ({ body }) => {
      if (body) delete body.scimType;
    },
  },
  {
    fault: 'the disabled are in no list',
    provider: 'entra',
    scenario: 'disable and restore a user',
    step: 'and still found',
    answer: (answer) => {
      if (
        isList(answer) &&
        answer.body.Resources.some((one: { active?: boolean }) => one.active === false)
      )
        Object.assign(answer, emptyList());
    },
  },
  {
    fault: 'PATCH without a path does nothing',
    provider: 'okta',
    scenario: 'provision, update by PUT, deactivate',
    step: 'inactive, name kept',
    request: (request) =>
      operations(request).some(({ path }) => path === undefined)
        ? { status: 204, headers: {}, body: undefined }
        : undefined,
  },
  {
    fault: 'there is no PUT',
    provider: 'okta',
    scenario: 'provision, update by PUT, deactivate',
    step: 'PUT the whole object with id, meta and groups in it',
    request: refuseWhere(({ method }) => method === 'PUT', 405),
  },
  {
    fault: 'the password comes back',
    provider: 'okta',
    scenario: 'provision, update by PUT, deactivate',
    step: 'create with password and empty groups; the password never comes back',
    answer: ({ body }, request) => {
      if (request.body?.password && body) body.password = request.body.password;
    },
  },
  {
    fault: 'a member is in twice',
    provider: 'entra',
    scenario: 'a group and its members',
    step: 'both are members',
    answer: ({ body }) => {
      if (body?.members?.length > 1) body.members.push(body.members[0]);
    },
  },
  {
    fault: 'excludedAttributes is ignored',
    provider: 'rfc',
    scenario: 'filters',
    step: 'excludedAttributes in a list of users',
    request: without('excludedAttributes'),
  },
  {
    fault: 'Remove with a list empties the group',
    provider: 'entra',
    scenario: 'a group and its members',
    step: 'one fewer',
    request: (request) => {
      for (const operation of operations(request)) {
        if (operation.op.toLowerCase() === 'remove') delete operation.value;
      }
      return undefined;
    },
  },
  {
    fault: 'members are not removed by filter',
    provider: 'okta',
    scenario: 'push groups',
    step: 'remove one and add another at once',
    request: refuseWhere((request) =>
      operations(request).some(({ path }) => path?.startsWith('members[') ?? false),
    ),
  },
  {
    fault: 'totalResults is text',
    provider: 'okta',
    scenario: 'the SCIM 2.0 spec test',
    step: 'one page of one, numbers as integers',
    answer: (answer) => {
      if (isList(answer)) answer.body.totalResults = String(answer.body.totalResults);
    },
  },
  {
    fault: 'startIndex is ignored',
    provider: 'rfc',
    scenario: 'pages',
    step: 'the next two are others',
    request: without('startIndex'),
  },
  {
    fault: 'count is ignored',
    provider: 'rfc',
    scenario: 'pages',
    step: 'the first two',
    request: without('count'),
  },
  {
    fault: 'bodies are application/json',
    provider: 'rfc',
    scenario: 'every answer: application/scim+json',
    step: 'a value of the same form that nobody has',
    answer: ({ headers }) => {
      headers['content-type'] = 'application/json';
    },
  },
  {
    fault: "errors are the framework's",
    provider: 'rfc',
    scenario: 'every answer: errors of RFC 7644',
    step: 'a value of the same form that nobody has',
    answer: (answer) => {
      if (answer.status >= 400) answer.body = { message: 'refused' };
    },
  },
  {
    fault: 'a bad token is 403',
    provider: 'rfc',
    scenario: 'a token that is not good',
    step: 'a value of the same form that nobody has',
    answer: (answer) => {
      if (answer.status === 401) Object.assign(answer, refusal(403));
    },
  },
  {
    fault: 'a malformed token is told from an unknown one',
    provider: 'rfc',
    scenario: 'a token that is not good',
    step: 'a malformed value',
    answer: ({ status, body }, { headers }) => {
      if (status === 401 && headers.authorization?.includes('%')) body.detail = 'malformed';
    },
  },
  {
    fault: 'a revoked token is told from an unknown one',
    provider: 'rfc',
    scenario: 'a token that is not good',
    step: 'a value that has ended',
    answer: ({ status, body }, { headers }) => {
      if (status === 401 && headers.authorization?.includes('REVOKED')) body.detail = 'revoked';
    },
  },
  {
    fault: 'only Bearer is a scheme',
    provider: 'rfc',
    scenario: 'a token that is not good',
    step: 'bearer in small letters',
    request: ({ headers }) =>
      headers.authorization?.startsWith('bearer') ? refusal(401) : undefined,
  },
  {
    fault: 'no Location',
    provider: 'rfc',
    scenario: 'every answer: Location of what was created',
    step: "id and meta are the server's",
    answer: ({ headers }) => {
      delete headers.location;
    },
  },
  {
    fault: 'no meta',
    provider: 'rfc',
    scenario: 'every answer: id and meta of a resource',
    step: 'application/json is accepted as Accept',
    answer: ({ body }, { method }) => {
      if (body && method === 'GET') delete body.meta;
    },
  },
  {
    fault: 'operations are done one by one',
    provider: 'rfc',
    scenario: 'PATCH: errors and atomicity',
    step: 'so the first did not happen',
    request: async (request, pass) => {
      let answer: PassingAnswer | undefined;
      for (const Operations of operations(request).map((operation) => [operation])) {
        answer = await pass({ ...request, body: { ...request.body, Operations } });
        if (answer.status >= 400) break;
      }
      return answer ?? pass(request);
    },
  },
  {
    fault: 'a filter that is not understood finds nobody',
    provider: 'rfc',
    scenario: 'filters',
    step: 'an operator nobody knows',
    answer: (answer) => {
      if (answer.body?.scimType === 'invalidFilter') Object.assign(answer, emptyList());
    },
  },
  {
    fault: 'an Add where nothing matches is refused',
    provider: 'entra',
    scenario: 'values that are not there yet',
    step: 'Add to a filtered path without a match makes the value',
    request: refuseWhere((request) =>
      operations(request).some(({ op, path }) => op === 'Add' && (path?.includes('[') ?? false)),
    ),
  },
  {
    fault: 'null is refused',
    provider: 'entra',
    scenario: 'create with nulls',
    step: 'null means unassigned, unknown names do no harm',
    request: refuseWhere(({ body }) => body?.title === null),
  },
  {
    fault: 'a manager has to be an object',
    provider: 'entra',
    scenario: 'a manager as a plain string',
    step: 'POST with manager as a string',
    request: refuseWhere(
      ({ method, body }) => method === 'POST' && JSON.stringify(body).includes('"manager":"'),
    ),
  },
  {
    fault: 'dotted names are dropped',
    provider: 'entra',
    scenario: 'with aadOptscim062020: merged replaces',
    step: 'each key went to its place',
    request: (request) => {
      for (const operation of operations(request)) {
        const { path, value } = operation;
        if (path !== undefined || typeof value !== 'object' || value === null) continue;
        const kept = Object.entries(value).filter(([name]) => !name.startsWith('name.'));
        operation.value = Object.fromEntries(kept);
      }
      return undefined;
    },
  },
  {
    fault: 'names of attributes are compared letter by letter',
    provider: 'pingone',
    scenario: 'matching filters, disabled users',
    step: "username Eq, as the console's example spells it",
    request: refuseWhere(({ path }) => path.includes('filter=username')),
  },
  {
    fault: 'groups cannot be created empty',
    provider: 'onelogin',
    scenario: 'connection and example flow',
    step: 'create group with a name only',
    request: refuseWhere(
      ({ method, path, body }) => method === 'POST' && path === '/Groups' && !body.members?.length,
    ),
  },
  {
    fault: 'a tag is not heeded',
    provider: 'rfc',
    scenario: 'If-None-Match',
    step: 'the same tag',
    request: ({ headers }) => {
      delete headers['if-none-match'];
      return undefined;
    },
  },
];

/** A fault that has to remember what it saw. */
export function keptName(): NamedFault {
  const names = new Set<string>();
  return {
    fault: 'the name of the deleted stays taken',
    provider: 'rfc',
    scenario: 'a deleted user',
    step: 'the name of a deleted user is free',
    request: ({ method, body }) => {
      const name = String(body?.userName);
      if (method !== 'POST' || body?.userName === undefined) return undefined;
      if (names.has(name)) return refusal(409);
      names.add(name);
      return undefined;
    },
  };
}

/** Deletes nothing, and says that it did. */
export const DELETES_NOTHING: NamedFault = {
  fault: 'DELETE does nothing',
  provider: 'entra',
  scenario: 'delete a user',
  step: 'gone',
  request: ({ method }) =>
    method === 'DELETE' ? { status: 204, headers: {}, body: undefined } : undefined,
};

/** Takes five requests a second. */
export function fewRequests(): NamedFault {
  let taken = 0;
  return {
    fault: 'many requests are 429',
    provider: 'load',
    scenario: '25 requests a second for a minute',
    step: 'a look-up by userName',
    request: ({ path }) => {
      if (!path.includes('nobody-at-all')) return undefined;
      taken += 1;
      return taken > 5 ? refusal(429) : undefined;
    },
  };
}
