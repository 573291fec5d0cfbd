import type { VNode } from 'preact';
import {
  SetupError,
  type AuthMethod,
  type Provider,
  type Field,
  type Method,
  type Setup,
  type MadeToken,
  type MakeToken,
  type Trust,
} from './api.js';
import { html, useState } from './htm/preact/standalone.module.js';
import { Actions, Heading, Icon, say, Sentence, ValueBox, type TextKey } from './parts.js';

/** What every step is given. */
export interface StepProps {
  readonly setup: Setup;
  /** Name of the operator, or words for it. */
  readonly brand: string;
  /** Whether the reader came here by a step, and not by opening the page. */
  readonly focus: boolean;
  readonly back?: (() => void) | undefined;
}

/** What the steps within one provider's console are given. */
export interface ConsoleProps extends StepProps {
  readonly provider: Provider;
  readonly method: Method;
}

/** A field, with the labels of all layouts that the console has it under. */
interface LabelledField extends Field {
  readonly labels: readonly string[];
}

interface GuideStep {
  readonly text: string;
  readonly fields: readonly LabelledField[];
}

/** A console's steps: up to its own test, the test, and what comes after. */
interface Guide {
  /** Fields that no step names. */
  readonly unnamed: readonly LabelledField[];
  readonly enter: readonly GuideStep[];
  readonly test: string | null;
  readonly after: readonly string[];
}

const TEST = /"((?:Test|Verify)\b[^"]*)"/;

/** Puts each field to the first step that names it, and parts the steps at the console's test. */
export function guideOf({ fields, steps }: Method): Guide {
  const stepOf = ({ label }: Field): number =>
    steps.findIndex((step) => step.includes(`"${label}"`));
  const placed = fields.map(stepOf);
  const last = Math.max(...placed);
  const at = (index: number): LabelledField[] =>
    merged(fields.filter((_, field) => (placed[field] === -1 ? last : placed[field]) === index));
  const isTest = (step: string): boolean => {
    const [, label] = TEST.exec(step) ?? [];
    return label !== undefined && fields.every((field) => field.label !== label);
  };
  const found = steps.findIndex(isTest);
  const test = found === -1 ? steps.length : found;
  return {
    unnamed: at(-1),
    enter: steps.slice(0, test).map((text, index) => ({ text, fields: at(index) })),
    test: steps[test] ?? null,
    after: steps.slice(test + 1),
  };
}

/** Layouts of a console differ in labels, not in what is entered. */
function merged(fields: readonly Field[]): LabelledField[] {
  const byValue = new Map<string, LabelledField>();
  for (const field of fields) {
    const labels = byValue.get(field.value)?.labels ?? [];
    byValue.set(field.value, { ...field, labels: [...labels, field.label] });
  }
  return [...byValue.values()];
}

const isMadeHere = ({ fills }: Field): boolean => fills !== undefined && fills !== 'own';

/** Step 1: which provider. */
export function ChooseProvider(
  props: StepProps & { chosen: string | undefined; choose: (provider: Provider) => void },
): VNode {
  const { setup, brand, chosen, choose, focus } = props;
  return html`<${Heading} focus=${focus}>${say('provider_title')}<//>
    <p class="lead">${say('provider_lead', { tenant: setup.tenant.name, brand })}</p>
    <ul class="cards">
      ${setup.providers.map(
        (provider) =>
          html`<li key=${provider.id}>
            <button
              type="button"
              class="card"
              aria-current=${provider.id === chosen ? 'true' : undefined}
              onClick=${() => {
                choose(provider);
              }}
            >
              <span class="monogram" aria-hidden="true">${provider.name.slice(0, 1)}</span>
              <span class="card-name">${provider.name}</span>
              <${Icon} shape="next" />
            </button>
          </li>`,
      )}
    </ul>`;
}

/** Step 1, for a provider that has several methods: which one. */
export function ChooseMethod(
  props: StepProps & {
    provider: Provider;
    chosen: AuthMethod | undefined;
    choose: (method: AuthMethod) => void;
  },
): VNode {
  const { provider, chosen, choose, focus, back } = props;
  const named = { provider: provider.name };
  return html`<${Heading} focus=${focus}>${say('method_title', named)}<//>
    <p class="lead">${say('method_lead')}</p>
    <ul class="cards is-list">
      ${provider.methods.map(
        ({ auth_method, recommended }) =>
          html`<li key=${auth_method}>
            <button
              type="button"
              class="card"
              aria-current=${auth_method === chosen ? 'true' : undefined}
              onClick=${() => {
                choose(auth_method);
              }}
            >
              <span class="card-text">
                <span class="card-name">
                  ${say(`method_${auth_method}`)}
                  ${recommended && html` <span class="badge">${say('method_recommended')}</span>`}
                </span>
                <span class="card-words">${say(`method_${auth_method}_text`, named)}</span>
              </span>
              <${Icon} shape="next" />
            </button>
          </li>`,
      )}
    </ul>
    <${Actions} back=${back} />`;
}

/**
 * The step at which the value is made; -1 for before them all. A bearer token is made where it is entered; the others
 * have a step for it, the first that names no label of the console.
 */
function makingStep(method: AuthMethod, steps: readonly GuideStep[]): number {
  return method === 'bearer'
    ? steps.findIndex(({ fields }) => fields.some(isMadeHere))
    : steps.findIndex(({ text }) => !text.includes('"'));
}

/** Step 2: make the value, and enter it with all else that the console asks for. */
export function Enter(
  props: ConsoleProps & {
    made: MadeToken | null;
    make: (request: MakeToken) => Promise<void>;
    next: () => void;
  },
): VNode {
  const { setup, provider, method, focus, back, next } = props;
  const { unnamed, enter } = guideOf(method);
  const named = { provider: provider.name };
  const isMade = setup.check.state !== 'not_started';
  const makesAt = makingStep(method.auth_method, enter);
  const { renews } = setup.link;
  const boxes = (fields: readonly LabelledField[]) =>
    fields.map((field) => html`<${Box} key=${field.value} field=${field} of=${props} />`);
  /** What is made stands between what is given and what is said of it; before it is made, the button stands there. */
  const making = (fields: readonly LabelledField[]) =>
    html`${boxes(fields.filter((field) => !isMadeHere(field)))}
      ${isMade && boxes(fields.filter(isMadeHere))} <${Maker} ...${props} />`;
  const values = !renews && (unnamed.length > 0 || makesAt === -1);
  const steps = html`<ol class="steps">
    ${enter.map(
      ({ text, fields }, index) =>
        html`<li key=${index}>
          <${Sentence} text=${text} />
          ${
            renews
              ? boxes(fields.filter((field) => !isMadeHere(field)))
              : index === makesAt
                ? making(fields)
                : boxes(fields)
          }
        </li>`,
    )}
  </ol>`;
  const known = [...unnamed, ...enter.flatMap(({ fields }) => fields)];
  return html`<${Heading} focus=${focus}> ${say(renews ? 'renew_title' : 'enter_title', named)} <//>
    <p class="lead">${say(renews ? 'renew_lead' : 'enter_lead', named)}</p>
    ${
      renews
        ? html`<section class="panel">${making(known.filter(isMadeHere))}</section>
            <details>
              <summary>${say('all_steps')}</summary>
              ${steps}
            </details>`
        : html`${
            values &&
            html`<section class="panel">
              <h2>${say('enter_values')}</h2>
              ${makesAt === -1 ? making(unnamed) : boxes(unnamed)}
            </section>`
          }
          ${steps}`
    }
    ${
      method.notes.length > 0 &&
      html`<details>
        <summary>${say('notes_title', named)}</summary>
        <ul class="notes">
          ${method.notes.map((note, index) => html`<li key=${index}><${Sentence} text=${note} /></li>`)}
        </ul>
      </details>`
    }
    ${
      setup.connection?.status !== 'revoked' &&
      html`<p class="why">${say(isMade ? 'enter_then_test' : 'enter_make_first', named)}</p>`
    }
    <${Actions} back=${back}>
      <button type="button" class=${isMade ? 'main' : ''} disabled=${!isMade} onClick=${next}>
        ${say('enter_next')}
      </button>
    <//>`;
}

/** One field of the console; what is made here stands in it as soon as there is something. */
function Box({
  field,
  of: { made, setup, method },
}: {
  field: LabelledField;
  of: ConsoleProps & { made: MadeToken | null };
}): VNode {
  const label = field.labels.join(` ${say('or')} `);
  const { fills } = field;
  if (fills === undefined || fills === 'own') {
    return html`<${ValueBox} label=${label} value=${field.value} copyable=${fills !== 'own'} />`;
  }
  const current = setup.connection?.auth_method === method.auth_method ? setup.connection : null;
  const gone = current !== null && setup.check.state !== 'not_started';
  const value = made?.[fills] ?? (fills === 'client_id' ? (current?.client_id ?? null) : null);
  return html`<${ValueBox}
    key=${value}
    label=${label}
    value=${value}
    secret=${fills !== 'client_id'}
    note=${fills === 'client_id' ? undefined : say('value_once')}
  >
    ${
      gone && current.last_four !== null
        ? say('value_gone_ending', { last_four: current.last_four })
        : say(gone ? 'value_gone' : 'value_pending')
    }
  <//>`;
}

type Makes = ConsoleProps & {
  made: MadeToken | null;
  make: (request: MakeToken) => Promise<void>;
};

/** The button that makes the value; for a workload identity, the form that goes with it. */
function Maker({ setup, provider, method, made, make }: Makes): VNode {
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const [wrong, setWrong] = useState<SetupError | null>(null);
  /** What was asked for last, which tells its conflicts apart. */
  const [replacing, setReplacing] = useState(false);
  const { auth_method } = method;
  const { connection } = setup;
  const again = setup.check.state !== 'not_started';
  if (connection?.status === 'revoked') {
    return html`<p class="wrong">${say('health_revoked_text', { provider: provider.name })}</p>`;
  }

  const send = async (trust?: Trust): Promise<void> => {
    setBusy(true);
    setWrong(null);
    setReplacing(again);
    try {
      await make({
        provider: provider.id,
        auth_method,
        ...(trust && { trust }),
        ...(again && { replace: true }),
      });
      setAsked(false);
    } catch (error) {
      setWrong(error instanceof SetupError ? error : new SetupError('unreachable'));
    } finally {
      setBusy(false);
    }
  };

  const atField = wrong !== null && TRUST.some((name) => `trust.${name}` in wrong.fields);
  const conflict = !replacing
    ? again
      ? 'make_conflict'
      : 'make_full'
    : connection?.auth_method === auth_method
      ? 'make_full'
      : 'make_other_method';
  const problem =
    wrong &&
    !atField &&
    html`<p class="wrong" role="alert">
      ${say(wrong.problem === 'conflict' ? conflict : 'make_failed')}
    </p>`;
  if (again && !asked) {
    return html`<div class="maker">
      ${
        made &&
        auth_method !== 'bearer' &&
        html`<p class="is-made"><${Icon} shape="check" /><span>${say('value_made')}</span></p>`
      }
      ${problem}
      <button
        type="button"
        class="link"
        onClick=${() => {
          setAsked(true);
        }}
      >
        ${say(auth_method === 'workload_identity' ? 'replace_trust' : 'replace')}
      </button>
    </div>`;
  }
  const inUse = setup.check.state === 'connected' || setup.check.state === 'synced';
  const cancel =
    again &&
    html`<button
      type="button"
      class="quiet"
      onClick=${() => {
        setAsked(false);
      }}
    >
      ${say('cancel')}
    </button>`;
  if (auth_method === 'workload_identity') {
    return html`<div class="maker is-open">
      <${TrustForm} provider=${provider} again=${again} busy=${busy} wrong=${wrong} send=${send}>
        ${problem} ${cancel}
      <//>
    </div>`;
  }
  return html`<div class="maker is-open">
    <p>${say(again ? (inUse ? 'replace_used' : 'replace_unused') : `make_${auth_method}_text`)}</p>
    ${problem}
    <div class="row">
      <button type="button" class="main" disabled=${busy} onClick=${() => void send()}>
        ${say(busy ? 'making' : again ? 'replace_confirm' : `make_${auth_method}`)}
      </button>
      ${cancel}
    </div>
  </div>`;
}

const TRUST = ['issuer', 'subject', 'audience'] as const;

/** What the console shows of a workload identity. */
function TrustForm(props: {
  provider: Provider;
  again: boolean;
  busy: boolean;
  wrong: SetupError | null;
  send: (trust: Trust) => Promise<void>;
  children?: VNode;
}): VNode {
  const { provider, again, busy, wrong, send, children } = props;
  const [trust, setTrust] = useState<Trust>({ issuer: '', subject: '', audience: '' });
  const [missing, setMissing] = useState(false);
  const named = { provider: provider.name };
  const problemOf = (name: keyof Trust): string | undefined =>
    missing && trust[name as (typeof TRUST)[number]].trim() === ''
      ? say('trust_missing', named)
      : wrong && `trust.${name}` in wrong.fields
        ? say('trust_refused', named)
        : undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    const first = TRUST.find((name) => trust[name].trim() === '');
    setMissing(first !== undefined);
    if (first === undefined) void send(trust);
    else document.getElementById(`trust-${first}`)?.focus();
  };
  return html`<form novalidate onSubmit=${submit}>
    ${again && html`<p>${say('make_workload_identity_text', named)}</p>`}
    ${TRUST.map((name) => {
      const key: TextKey = `trust_${name}`;
      const problem = problemOf(name);
      return html`<div class="input" key=${name}>
        <label for="trust-${name}">${say(key)}</label>
        <input
          id="trust-${name}"
          type="text"
          autocomplete="off"
          autocapitalize="off"
          spellcheck=${false}
          maxlength="512"
          required
          value=${trust[name]}
          aria-invalid=${problem !== undefined}
          aria-describedby=${problem === undefined ? undefined : `trust-${name}-wrong`}
          onInput=${({ currentTarget }: { currentTarget: HTMLInputElement }) => {
            setTrust({ ...trust, [name]: currentTarget.value.trim() });
          }}
        />
        ${
          problem !== undefined &&
          html`<p class="wrong" id="trust-${name}-wrong" role="alert">${problem}</p>`
        }
      </div>`;
    })}
    <div class="row">
      <button type="submit" class="main" disabled=${busy}>
        ${say(busy ? 'making' : 'make_workload_identity')}
      </button>
      ${children}
    </div>
  </form>`;
}
