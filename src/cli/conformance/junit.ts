import type { ConformanceResult, Failure } from '../../conformance/result';

/** The findings as JUnit's XML: a suite a provider, a case a step. */
export function junitOf({ providers, failures }: ConformanceResult): string {
  const ofServer = failures.filter(({ provider }) => provider === null);
  const suites = providers.map(({ provider, scenarios, milliseconds }) => {
    const own = failures.filter((failure) => failure.provider === provider);
    const cases = scenarios.flatMap(({ scenario, steps }) =>
      steps.map(({ name, status }) => {
        const failure = own.find((one) => one.scenario === scenario && one.step === name);
        const inner = failure ? failureTag(failure) : status === 'skipped' ? '<skipped/>' : '';
        return testCase(provider, `${scenario}: ${name}`, inner);
      }),
    );
    const all = [
      ...cases,
      ...ofServer.map((one) => testCase(provider, one.scenario, failureTag(one))),
    ];
    const failed = own.length + ofServer.length;
    const seconds = (milliseconds / 1_000).toFixed(3);
    return `<testsuite name="${escaped(provider)}" tests="${all.length}" failures="${failed}" time="${seconds}">\n${all.join('')}</testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('')}</testsuites>\n`;
}

const testCase = (provider: string, name: string, inner: string): string =>
  `<testcase classname="${escaped(provider)}" name="${escaped(name)}">${inner}</testcase>\n`;

function failureTag({ request, problems, came, why, breaks }: Failure): string {
  const text = [
    `${request.method} ${request.path}`,
    ...(request.body === null ? [] : [request.body]),
    ...problems.map(({ expected, came: found }) => `expected ${expected}, came ${found}`),
    ...(came === null ? [] : [`${came.status} ${came.body}`]),
    why,
  ].join('\n');
  return `<failure message="${escaped(breaks)}">${escaped(text)}</failure>`;
}

/** XML has no place for control characters, not even escaped. */
const escaped = (text: string): string =>
  text
    .replace(/[\p{Cs}\uFFFE\uFFFF]|(?![\n\t])\p{Cc}/gu, '\uFFFD')
    .replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
