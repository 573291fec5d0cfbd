import type { VNode } from 'preact';
import {
  SetupError,
  type Explanation,
  type Failure,
  type PresentedClaims,
  type Setup,
  type Trust,
} from './api.js';
import { guideOf, type ConsoleProps } from './connect.js';
import { html, useState } from './htm/preact/standalone.module.js';
import { Actions, Heading, Icon, Notice, say, sayWhen, Sentence } from './parts.js';

/** Step 3: the provider's first request, as it is seen here. */
export function Check(
  props: ConsoleProps & { next: () => void; enter: () => void; explain: Explain },
): VNode {
  const { setup, provider, method, focus, back, next, enter, explain } = props;
  const { test } = guideOf(method);
  const named = { provider: provider.name };
  const isGood = isConnected(setup);
  const ailment = ailmentOf(setup);
  const isAwaited = !isGood && ailment === null;
  return html`<${Heading} focus=${focus}>${say('check_title')}<//>
    ${
      isAwaited &&
      html`<p class="lead">
        <${Sentence} text=${test ?? say('check_test', named)} /> ${say('check_sees')}
      </p>`
    }
    <${Verdict} setup=${setup} provider=${provider.name} />
    ${
      isAwaited &&
      setup.check.state === 'waiting' &&
      html`<details>
        <summary>${say('quiet_title')}</summary>
        <ul class="notes">
          <li>${say('quiet_url', named)}</li>
          <li>${say('quiet_saved', named)}</li>
          <li>${say('quiet_network', { ...named, host: hostOf(method.fields) })}</li>
        </ul>
      </details>`
    }
    ${
      (isAwaited || ailment === 'failing') &&
      method.auth_method === 'bearer' &&
      SHOWS_HEADER.includes(provider.id) &&
      html`<${HeaderBox} provider=${provider.name} explain=${explain} />`
    }
    <${Actions} back=${back}>
      ${
        isGood
          ? html`<button type="button" class="main" onClick=${next}>${say('continue')}</button>`
          : ailment !== 'revoked' &&
            html`<button type="button" onClick=${enter}>${say('show_values')}</button>`
      }
    <//>`;
}

/** Host of the URLs that the provider calls: the page's own, where none is to be entered. */
function hostOf(fields: readonly { readonly value: string }[]): string {
  const url = fields.find(({ value }) => /^https?:/.test(value))?.value ?? location.href;
  return new URL(url).host;
}

/** Asks what would be said to a header. */
type Explain = (authorization: string) => Promise<Explanation>;

/** Providers whose consoles show the header, or what is typed into it. */
const SHOWS_HEADER: readonly string[] = ['okta', 'onelogin', 'cyberark', 'generic'];

/** Looks at a header before the provider sends it, or once more after it was refused. */
function HeaderBox({ provider, explain }: { provider: string; explain: Explain }): VNode {
  const [header, setHeader] = useState('');
  const [busy, setBusy] = useState(false);
  const [found, setFound] = useState<Explanation | SetupError | null>(null);
  const look = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFound(null);
    setFound(
      await explain(header).catch((error: unknown) =>
        error instanceof SetupError ? error : new SetupError('unreachable'),
      ),
    );
    setBusy(false);
  };
  return html`<details>
    <summary>${say('header_title', { provider })}</summary>
    <p>${say('header_text')}</p>
    <form novalidate onSubmit=${look}>
      <div class="input">
        <label for="header">${say('header_label')}</label>
        <textarea
          id="header"
          rows="3"
          autocomplete="off"
          autocapitalize="off"
          spellcheck=${false}
          readonly=${busy}
          value=${header}
          onInput=${({ currentTarget }: { currentTarget: HTMLTextAreaElement }) => {
            setHeader(currentTarget.value);
            setFound(null);
          }}
        ></textarea>
      </div>
      <div class="row">
        <button type="submit" disabled=${busy}>${say(busy ? 'making' : 'header_check')}</button>
      </div>
    </form>
    <div role="status">${found && html`<${Found} found=${found} provider=${provider} />`}</div>
  </details>`;
}

/** What a header would get. */
function Found({ found, provider }: { found: Explanation | SetupError; provider: string }): VNode {
  if (found instanceof SetupError) {
    return html`<p class="wrong">${say(found.problem === 'busy' ? 'busy' : 'make_failed')}</p>`;
  }
  return found.text === null
    ? html`<${Notice} kind="good" title=${say('header_good')}>
        <p>${say('header_good_text', { provider })}</p>
      <//>`
    : html`<${Notice} kind="bad" title=${say('header_bad')}>
        <p><${Sentence} text=${found.text} /></p>
      <//>`;
}

/** How things stand, in one sentence for a screen reader. */
export function verdict(setup: Setup, provider: string): string {
  const { check } = setup;
  const named = { provider };
  const ailment = ailmentOf(setup);
  if (ailment) return say(`health_${ailment}_title`, named);
  switch (check.state) {
    case 'not_started':
      return '';
    case 'waiting':
      return say('waiting_title', named);
    case 'failing':
      return `${say('failing_title', named)}. ${check.failures[0]?.text ?? ''}`;
    case 'connected':
      return say('connected_title', named);
    case 'synced':
      return `${say('synced_title', named)}. ${say('synced_text', lastUse(setup))}`;
  }
}

/** What became of a connection; null where it is good, or the check itself says what is wrong. */
export function ailmentOf({ check, connection }: Setup) {
  if (connection === null || check.state === 'not_started') return null;
  const { status, health } = connection;
  if (status !== 'active') return status;
  const wasGood = check.state === 'connected' || check.state === 'synced';
  return wasGood && (health.state === 'failing' || health.state === 'quiet') ? health.state : null;
}

/** Whether the provider is let in, as far as is known. */
export function isConnected(setup: Setup): boolean {
  const { state } = setup.check;
  const ailment = ailmentOf(setup);
  return (state === 'connected' || state === 'synced') && (ailment === null || ailment === 'quiet');
}

const lastUse = ({ now, connection }: Setup) => ({
  time: sayWhen(connection?.last_used_at ?? now, 'moment'),
});

/** How things stand, to be seen. */
export function Verdict({ setup, provider }: { setup: Setup; provider: string }): VNode | null {
  const { check, connection } = setup;
  const named = { provider };
  const ailment = ailmentOf(setup);
  if (ailment) {
    return html`<${Notice} kind="bad" title=${say(`health_${ailment}_title`, named)}>
        <p>${say(`health_${ailment}_text`, { ...named, ...lastUse(setup) })}</p> <//
      >${
        check.state === 'failing'
          ? html`<${Others} title=${say('failures_earlier')} failures=${check.failures} />`
          : html`<${Unsettled} setup=${setup} />`
      }`;
  }
  switch (check.state) {
    case 'not_started':
      return null;
    case 'waiting':
      return html`<${Notice} kind="waiting" title=${say('waiting_title', named)}>
        <p>${say('waiting_text')}</p>
      <//>`;
    case 'failing':
      return html`<${Failures} setup=${setup} provider=${provider} />`;
    case 'connected':
      return html`<${Notice} kind="good" title=${say('connected_title', named)}>
          <p>
            ${say('connected_text', {
              time: sayWhen(connection?.first_used_at ?? check.since ?? setup.now, 'moment'),
            })}
          </p> <//
        ><${Unsettled} setup=${setup} />`;
    case 'synced':
      return html`<${Notice} kind="good" title=${say('synced_title', named)}>
          <p>${say('synced_text', lastUse(setup))}</p> <//
        ><${Unsettled} setup=${setup} />`;
  }
}

/** What was refused, the latest first, with what to change. */
function Failures({ setup, provider }: { setup: Setup; provider: string }): VNode {
  const [latest, ...earlier] = setup.check.failures;
  return html`<${Notice} kind="bad" title=${say('failing_title', { provider })}>
      ${
        latest &&
        html`<p><${Sentence} text=${latest.text} /></p>
          ${
            latest.claims &&
            html`<${Claims}
              hint=${latest.hint}
              claims=${latest.claims}
              trust=${setup.connection?.trust ?? null}
              provider=${provider}
            />`
          }
          <${Seen} failure=${latest} />`
      }
      <p class="then">${say('failing_text', { provider })}</p>
    <//>
    ${earlier.length > 0 && html`<${Others} title=${say('failures_earlier')} failures=${earlier} />`}`;
}

function Seen({ failure: { last_at, count } }: { failure: Failure }): VNode {
  return html`<p class="seen">
    ${say('failure_seen', { time: sayWhen(last_at, 'time'), count })}
  </p>`;
}

function Others({ title, failures }: { title: string; failures: readonly Failure[] }): VNode {
  return html`<section class="earlier">
    <h2>${title}</h2>
    <ul class="notes">
      ${failures.map(
        (failure) =>
          html`<li key=${failure.hint}>
            <${Sentence} text=${failure.text} />
            <${Seen} failure=${failure} />
          </li>`,
      )}
    </ul>
  </section>`;
}

/** What was refused after the last use: part of what is to be synced may be missing. */
function Unsettled({ setup: { check, connection } }: { setup: Setup }): VNode | null {
  const used = Date.parse(connection?.last_used_at ?? '');
  const failures = check.failures.filter(({ last_at }) => Date.parse(last_at) > used);
  return failures.length === 0
    ? null
    : html`<${Others} title=${say('failures_since')} failures=${failures} />`;
}

/** By hint the claim that was refused, and the part of the trust that it is held against. */
const REFUSED: Readonly<Record<string, readonly [keyof PresentedClaims, keyof Trust]>> = {
  assertion_issuer: ['iss', 'issuer'],
  assertion_subject: ['sub', 'subject'],
  assertion_audience: ['aud', 'audience'],
  assertion_tenant: ['tid', 'tenant_id'],
  assertion_party: ['azp', 'authorized_party'],
};

/** What an assertion said: the refused claim beside what was entered here, or all of them. */
function Claims(props: {
  hint: string;
  claims: PresentedClaims;
  trust: Trust | null;
  provider: string;
}): VNode {
  const { hint, claims, trust, provider } = props;
  const refused = REFUSED[hint];
  const expected = (refused && trust?.[refused[1]]) ?? null;
  const names = refused ? [refused[0]] : (['iss', 'sub', 'aud', 'tid', 'azp'] as const);
  return html`<div class="claims">
    ${names.map(
      (name) =>
        html`<dl key=${name} class=${refused ? 'differs' : ''}>
          <div>
            <dt>${say('claim_sent', { provider })} <code>${name}</code></dt>
            <dd><code>${claims[name] ?? '–'}</code></dd>
          </div>
          ${
            expected !== null &&
            html`<div>
              <dt>${say('claim_expected')}</dt>
              <dd><code>${expected}</code></dd>
            </div>`
          }
        </dl>`,
    )}
  </div>`;
}

/** Step 4: what is left to do, and until when it holds. */
export function Done(props: ConsoleProps & { close: (() => void) | null }): VNode {
  const { setup, brand, provider, method, focus, back, close } = props;
  const { after } = guideOf(method);
  const named = { provider: provider.name, brand };
  const until = setup.connection?.expires_at ?? null;
  const backTo = returnUrl(setup.link.return_url);
  return html`<${Heading} focus=${focus}>${say('done_title', named)}<//>
    ${
      ailmentOf(setup)
        ? html`<${Verdict} setup=${setup} provider=${provider.name} />`
        : html`<p class="lead">${say('done_lead', named)}</p>`
    }
    <section class="panel">
      <h2>${say('next_title', named)}</h2>
      ${
        after.length === 0
          ? html`<p>${say('next_text')}</p>`
          : html`<ol class="steps">
              ${after.map((text, index) => html`<li key=${index}><${Sentence} text=${text} /></li>`)}
            </ol>`
      }
    </section>
    <section class="panel">
      <h2>${say('lifetime_title')}</h2>
      ${
        until === null
          ? html`<p>${say('lifetime_never')}</p>`
          : html`<p>${say('lifetime_until', { ...named, date: sayWhen(until) })}</p>
              <p>${say('renew_how', named)}</p>
              <${Reminder} setup=${setup} until=${new Date(until)} names=${named} />`
      }
    </section>
    <${Actions} back=${back}>
      ${backTo && html`<a class="button main" href=${backTo.href}>${say('back_to', { host: backTo.host })}</a>`}
      ${close && html`<button type="button" class="main" onClick=${close}>${say('close')}</button>`}
    <//>`;
}

/** The server lets only https through; a page must not follow anything else. */
function returnUrl(url: string | null): URL | null {
  const parsed = url !== null && URL.canParse(url) ? new URL(url) : null;
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed : null;
}

const DAY_MS = 24 * 3600 * 1000;
const REMIND_DAYS_BEFORE = 30;

/** A calendar file that reminds 30 days before the end, or tomorrow where that is past. */
function Reminder(props: {
  setup: Setup;
  until: Date;
  names: { provider: string; brand: string };
}): VNode {
  const { setup, until, names } = props;
  const day = new Date(
    Math.max(until.getTime() - REMIND_DAYS_BEFORE * DAY_MS, Date.parse(setup.now) + DAY_MS),
  );
  const save = (): void => {
    const calendar = calendarOf({
      id: `${setup.connection?.id ?? setup.link.id}@${location.hostname}`,
      made: new Date(setup.now),
      day,
      summary: say('reminder_summary', names),
      description: say('reminder_description', { ...names, date: sayWhen(until) }),
    });
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([calendar], { type: 'text/calendar' }));
    link.download = 'renew.ics';
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return html`<div class="row">
    <button type="button" onClick=${save}><${Icon} shape="calendar" />${say('reminder')}</button>
    <span class="seen">${say('reminder_text', { date: sayWhen(day) })}</span>
  </div>`;
}

/** A day's entry in a calendar (RFC 5545), with an alarm. */
export function calendarOf(entry: {
  id: string;
  made: Date;
  day: Date;
  summary: string;
  description: string;
}): string {
  const stamp = (date: Date): string => date.toISOString().replace(/[-:]|\.\d+/g, '');
  const text = (value: string): string =>
    value.replace(/[\\;,]/g, '\\$&').replace(/\r?\n|\r/g, '\\n');
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//scim-setup//EN',
    'BEGIN:VEVENT',
    `UID:${text(entry.id)}`,
    `DTSTAMP:${stamp(entry.made)}`,
    `DTSTART;VALUE=DATE:${stamp(entry.day).slice(0, 8)}`,
    `SUMMARY:${text(entry.summary)}`,
    `DESCRIPTION:${text(entry.description)}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${text(entry.summary)}`,
    'TRIGGER:PT9H',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
    .map(folded)
    .join('');
}

/** No line is longer than 75 bytes (§3.1), and none is broken within a character. */
function folded(line: string): string {
  const encoder = new TextEncoder();
  let text = '';
  let bytes = 0;
  for (const character of line) {
    const size = encoder.encode(character).length;
    if (bytes + size > 75) {
      text += '\r\n ';
      bytes = 1;
    }
    text += character;
    bytes += size;
  }
  return `${text}\r\n`;
}
