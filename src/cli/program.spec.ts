import { runHere } from '../../test/support/command';

/** Runs a command line that ends before it needs anything outside this process. */
const run = (...args: string[]) => runHere(args, { SCIM_TOKENS_JWT: 'a.b.c' });

const ID = `sct_${'0'.repeat(32)}`;

describe('The command line', () => {
  it.each([
    [['tokns'], 'Did you mean'],
    [['tokens', 'lst'], 'Did you mean list?'],
    [['tokens', 'list', '--statu', 'active'], 'Did you mean --status?'],
    [['tokens', 'list', '--status', 'dead'], 'active, disabled, expired, revoked'],
    [['tokens', 'list', '--url', 'ftp://x'], 'an http or https URL'],
    [['tokens', 'list', '--url', 'https://user:pw@x'], 'an http or https URL'],
    [['tokens', 'list', '--url', 'https://x/?a'], 'an http or https URL'],
    [['tokens', 'create'], "'--name <name>' not specified"],
    [['tokens', 'create', '--name', 'x', '--expires-in-days', 'soon'], 'a whole number'],
    [['tokens', 'rotate', ID, '--overlap-hours', '-1'], 'a whole number'],
    [['tokens', 'rotate'], "missing required argument 'id'"],
    [['tokens', 'revoke', 'x'], '<id> takes a token id'],
    [['tokens', 'identify', 'x'], 'too many arguments'],
    [['token', '--role', 'root'], 'super_admin, partner_admin, tenant_admin'],
    [['token', '--role', 'tenant_admin'], 'needs --tenant'],
    [['token', '--role', 'partner_admin'], 'needs --partner'],
    [['token', '--ttl', '0s'], '30s, 15m, 1h or 7d'],
    [['audit', 'prune'], "'--before <time>' not specified"],
    [['audit', 'prune', '--before', 'soon'], '2026-01-01T00:00:00Z'],
    [['audit', 'verify', '--heads', '--json'], 'cannot be used with'],
    [['start', 'now'], 'too many arguments'],
    [['now'], 'Add --help to see what it takes'],
    [['help'], "unknown command 'help'"],
    [['audit', 'help'], "unknown command 'help'"],
    [['tokens'], 'Usage: nest-scim-tokens tokens'],
    [[], 'Usage: nest-scim-tokens'],
  ])('answers %j with exit code 2, and names what would be right', async (args, said) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(said);
  });

  it.each([
    ['tokens', 'list', '--jwt=eyJhidden'],
    ['tokens', 'rotate', 'scim_hidden'],
    ['tokens', 'revoke', 'scim_hidden'],
    ['tokens', 'identify', 'scim_hidden'],
    ['tokens', 'identify', '--token=scim_hidden'],
    ['tokens', 'scim_hidden', ''],
    ['scim_hidden', '', ''],
  ])('never repeats a secret given as an argument: %s %s %s', async (...args) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout + stderr).not.toContain('hidden');
  });

  it.each([
    ['PUBLIC_URL', 'ftp://hidden', 'PUBLIC_URL takes an http or https URL'],
    ['SCIM_TOKENS_JWT', 'a hidden b', 'The admin JWT given is none'],
  ])('says so where %s holds something else, and does not repeat it', async (name, value, said) => {
    const env = { SCIM_TOKENS_JWT: 'a.b.c', [name]: value };
    const { code, stderr } = await runHere(['tokens', 'list'], env);
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)]);
    expect(stderr).not.toContain('hidden');
  });

  it.each([[['--help']], [['-h']], [['tokens', 'create', '--help']], [['--version']]])(
    'prints what %j asks for on standard output',
    async (args) => {
      const { code, stdout, stderr } = await run(...args);
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/^(Usage: nest-scim-tokens|\d+\.\d+\.\d+\n$)/);
    },
  );
});
