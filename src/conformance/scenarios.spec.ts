import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityProviders } from '../endpoint-info/identity-providers';
import { RULES } from './every-answer';
import { LOAD } from './load';
import { PROVIDER_NAMES } from './provider-names';
import { SCENARIOS } from './scenarios/scenarios';

const scenarios = SCENARIOS.flatMap(({ provider, scenarios: own }) =>
  own.map((scenario) => ({ provider, ...scenario })),
);
const steps = scenarios.flatMap((scenario) =>
  scenario.steps.map((step) => ({ scenario: scenario.scenario, ...step })),
);

/** What is not checked must not look as if it were. */
const EXPECTATIONS = [
  ...['status', 'headers', 'body_contains', 'one_of', 'body_lacks', 'absent', 'unassigned'],
  ...['lengths', 'same_as'],
];

describe('The scenarios', () => {
  it('are of the providers that endpoint-info knows, and of the RFCs', () => {
    const known = identityProviders('https://x.example', null).map(({ id }): string => id);
    expect(SCENARIOS.map(({ provider }) => provider)).toEqual(Object.keys(PROVIDER_NAMES));
    expect(Object.keys(PROVIDER_NAMES).filter((id) => !known.includes(id))).toEqual(['rfc']);
  });

  it('expect what is checked, and nothing else', () => {
    const keys = steps.flatMap(({ expect: expected }) => Object.keys(expected));
    expect(keys.filter((key) => !EXPECTATIONS.includes(key))).toEqual([]);
    expect(steps.length).toBeGreaterThan(240);
  });

  it('give names of this run alone to what they make', () => {
    const named = steps.flatMap(({ name, method, body }) => {
      const { userName, displayName } = Object(body) as Record<string, string | undefined>;
      const given = userName ?? displayName;
      return ['POST', 'PUT'].includes(method) && given !== undefined ? [`${name}: ${given}`] : [];
    });
    expect(named.length).toBeGreaterThan(60);
    expect(named.filter((one) => !one.includes('{{run}}'))).toEqual([]);
  });

  it('use what an earlier step has saved', () => {
    const given = ['User', 'Group', 'Enterprise', 'ListResponse', 'PatchOp', 'Error'];
    const known = new Set([...given, 'run', 'token', 'otherToken', 'refusedToken']);
    const unknown = scenarios.flatMap((scenario) => {
      const saved = new Set(known);
      return scenario.steps.flatMap(({ save = {}, name, ...step }) => {
        const used = [...JSON.stringify(step).matchAll(/\{\{([\w.]+)\}\}/g)].map(
          ([, one = '']) => one,
        );
        const missing = used.filter((one) => !saved.has(one)).map((one) => `${name}: ${one}`);
        for (const variable of Object.keys(save)) saved.add(variable);
        return missing;
      });
    });
    expect(unknown).toEqual([]);
  });

  it('stand in the documentation, each with what the provider does and what breaks', () => {
    const page = readFileSync(join(__dirname, '../../docs/conformance.md'), 'utf8');
    const told = [...scenarios, ...RULES, LOAD];
    const rows = told.map(({ scenario, does, breaks }) => `| ${scenario} | ${does} | ${breaks} |`);
    expect(rows.filter((row) => !page.includes(row))).toEqual([]);
  });
});
