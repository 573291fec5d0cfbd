import { type Command } from 'commander';
import { list, printableJson, readStandardInput, visible, type CliContext } from './command-line';
import { adminApi, withAdminOptions, type AdminOptions } from './tokens/admin-options';

interface ExplainOptions extends AdminOptions {
  readonly tenant?: string;
  readonly ip?: string;
  readonly scopes?: readonly string[];
  readonly assertion?: true;
}

/** What the admin API says of a request. */
interface Explanation {
  readonly accepted: boolean;
  readonly decision: readonly Check[];
  readonly text: string | null;
  readonly token: { readonly id: string; readonly name: string } | null;
}

interface Check {
  readonly check: string;
  readonly ok: boolean;
  readonly detail: string | null;
  readonly expected?: string | null;
  readonly came?: string | null;
}

/** `explain`: what would be said to a header, or to an assertion, and why. */
export function addExplainCommand(program: Command, context: CliContext): void {
  withAdminOptions(
    program
      .command('explain')
      .description(
        'Say whether a request would be accepted, and which check refuses it. The header, or the bare value, comes on standard input; the JWT then comes by --jwt-file or SCIM_TOKENS_JWT. Exit code 1 where it would be refused.',
      )
      .option('--tenant <id>', 'at whose URL; not needed with the JWT of a tenant_admin')
      .option('--ip <address>', 'that the request comes from')
      .option('--scopes <list>', 'that the request needs, such as users:read,groups:read', list)
      .option('--assertion', 'standard input holds an assertion for the token endpoint'),
  ).action(async ({ tenant, ip, scopes, assertion, ...options }: ExplainOptions) => {
    const api = await adminApi(options, context, { stdinIsTaken: true });
    const sent = await readStandardInput(assertion ? 'the assertion' : 'the header or the value');
    const { headerFrom } = await import('../http/authorization');
    const shown = assertion ? { client_assertion: sent } : { authorization: headerFrom(sent) };
    const request = { ...shown, tenant_id: tenant, ip, scopes };
    const explanation = await api.call<Explanation>('POST', 'explain', request);
    process.stdout.write(
      options.json ? `${printableJson(explanation)}\n` : explanationText(explanation),
    );
    if (!explanation.accepted) context.exitCode = 1;
  });
}

function explanationText({ accepted, decision, text, token }: Explanation): string {
  return [
    ...decision.flatMap(checkLines),
    '',
    accepted ? 'It would be accepted.' : `It would be refused. ${text ?? ''}`,
    ...(token ? [`Token: ${token.id} (${visible(token.name)})`] : []),
    '',
  ].join('\n');
}

function checkLines({ check, ok, detail, expected, came }: Check): string[] {
  const line = `${ok ? 'ok' : 'NO'}  ${check.padEnd(10)}`;
  const compared =
    came === undefined ? [] : [`expected  ${said(expected)}`, `came      ${said(came)}`];
  const details = detail === null ? [] : [visible(detail)];
  const [first = '', ...more] = [...details, ...compared];
  return [`${line}${first}`.trimEnd(), ...more.map((text) => ' '.repeat(14) + text)];
}

function said(text: string | null | undefined): string {
  return text === null || text === undefined ? '-' : visible(text);
}
