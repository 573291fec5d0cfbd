import { problemsOf } from './expectation';
import type { Answer, Expectation } from './scenario';

const BODY = {
  totalResults: 1,
  active: false,
  emails: [{ value: 'a@x.example', type: 'work' }, { value: 'b@x.example' }],
  meta: { location: 'https://x.example/Users/1' },
  title: null,
};

const answer = (change: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: new Map([
    ['location', 'https://x.example/Users/1'],
    ['content-type', 'application/scim+json; charset=utf-8'],
  ]),
  text: JSON.stringify(BODY),
  body: BODY,
  ...change,
});

const problems = (
  expected: Partial<Expectation>,
  given = answer(),
  earlier = new Map<string, Answer>(),
) => problemsOf({ status: 200, ...expected }, given, earlier);

describe('An expectation', () => {
  it.each<[Partial<Expectation>]>([
    [{ status: [201, 200] }],
    [{ headers: { location: '=meta.location' } }],
    [{ headers: { location: '/Users/' } }],
    [{ headers: { 'content-type': ['application/json', 'application/scim+json'] } }],
    [{ body_contains: { emails: [{ value: 'b@x.example' }], totalResults: '<integer>' } }],
    [{ one_of: [{ active: true }, { active: false }] }],
    [{ body_lacks: [{ active: true }, { emails: [{ type: 'home' }] }] }],
    [{ absent: ['password', 'emails.primary'], unassigned: ['title', 'nickName'] }],
    [{ lengths: { emails: 2, members: 0 } }],
  ])('is met: %j', (expected) => {
    expect(problems(expected)).toEqual([]);
  });

  it.each<[Partial<Expectation>, expected: string, came: string]>([
    [{ status: [201, 204] }, '201 or 204', '200'],
    [
      { headers: { location: '/Groups/' } },
      'header location /Groups/',
      'header location https://x',
    ],
    [{ headers: { etag: '<string>' } }, 'header etag <string>', 'header etag missing'],
    [{ body_contains: { active: true } }, 'active true', 'active false'],
    [{ body_contains: { active: 'false' } }, 'active false', 'active false'],
    [
      { body_contains: { emails: [{ type: 'home' }] } },
      'emails [{"type":"home"}]',
      'emails [{"value"',
    ],
    [{ body_contains: { totalResults: '<string>' } }, 'totalResults <string>', 'totalResults 1'],
    [{ one_of: [{ active: true }] }, 'one of [{"active":true}]', '{"totalResults"'],
    [{ body_lacks: { active: false } }, 'no {"active":false}', '{"active":false}'],
    [{ absent: ['emails.type'] }, 'no emails.type', 'emails.type work'],
    [{ unassigned: ['active'] }, 'no active', 'active false'],
    [{ lengths: { emails: 1 } }, 'elements of emails 1', 'elements of emails 2'],
  ])('is not met: %j', (expected, wanted, came) => {
    expect(problems(expected)).toEqual([
      {
        expected: wanted,
        came: expect.stringMatching(new RegExp(`^${came.replace(/[[{]/g, '\\$&')}`)),
      },
    ]);
  });

  it('asks of a refusal that is allowed, too, nothing but its status', () => {
    const refused = answer({ status: 400, body: {}, text: '{}' });
    expect(problems({ status: [200, 400], body_contains: { active: true } }, refused)).toEqual([]);
  });

  it('compares errors by what they tell, not by what each has of its own', () => {
    const error = (detail: string, id: number): Answer =>
      answer({ status: 401, body: { detail, id } });
    const earlier = new Map([['first', error('no', 1)]]);
    const expected = { status: 401, same_as: 'first' };
    expect(problems(expected, error('no', 2), earlier)).toEqual([]);
    expect(problems(expected, error('revoked', 1), earlier)).toHaveLength(1);
  });
});
