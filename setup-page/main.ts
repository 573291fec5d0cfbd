import type { VNode } from 'preact';
import {
  SetupClient,
  SetupError,
  type AuthMethod,
  type Setup,
  type MadeToken,
  type MakeToken,
  type Provider,
} from './api.js';
import { ChooseMethod, ChooseProvider, Enter } from './connect.js';
import { ailmentOf, Check, Done, isConnected, verdict, Verdict } from './finish.js';
import {
  html,
  render,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from './htm/preact/standalone.module.js';
import {
  Heading,
  Icon,
  bestLanguage,
  readTexts,
  say,
  sayWhen,
  speak,
  type Language,
  type TextKey,
} from './parts.js';

/** Where the reader is; kept in the browser's history. */
interface Place {
  readonly step: 'provider' | 'method' | 'enter' | 'check' | 'done';
  readonly provider?: string;
  readonly method?: AuthMethod;
}

const STEPS = [
  { name: 'provider', text: 'step_provider' },
  { name: 'enter', text: 'step_enter' },
  { name: 'check', text: 'step_check' },
  { name: 'done', text: 'step_done' },
] as const satisfies readonly { name: Place['step']; text: TextKey }[];

const numberOf = ({ step }: Place): number =>
  STEPS.findIndex(({ name }) => name === (step === 'method' ? 'provider' : step));

const isMade = ({ check }: Setup): boolean => check.state !== 'not_started';

/** Within a sentence the one that stands for all others has a name of its own. */
function providerOf(setup: Setup, { provider }: Place): Provider | undefined {
  const found = setup.providers.find(({ id }) => id === provider);
  return found?.id === 'generic' ? { ...found, name: say('provider_generic') } : found;
}
const methodOf = (setup: Setup, place: Place) =>
  providerOf(setup, place)?.methods.find(({ auth_method }) => auth_method === place.method);

/** Where the choice of a provider leads: to its methods, if it has several. */
function afterProvider(setup: Setup, provider: string | null): Place {
  const methods = setup.providers.find(({ id }) => id === provider)?.methods ?? [];
  if (provider === null || methods.length === 0) return { step: 'provider' };
  const [only] = methods;
  return methods.length === 1 && only
    ? { step: 'enter', provider, method: only.auth_method }
    : { step: 'method', provider };
}

/** Where to begin, by how far it is. */
function firstPlace(setup: Setup): Place {
  const method = setup.link.auth_method ?? setup.connection?.auth_method;
  const chosen = afterProvider(setup, setup.provider);
  if (chosen.step === 'provider' || (!isMade(setup) && chosen.step === 'enter')) return chosen;
  if (method === undefined) return chosen;
  const isDone = setup.check.state === 'synced' && isConnected(setup);
  return { ...chosen, method, step: !isMade(setup) ? 'enter' : isDone ? 'done' : 'check' };
}

/** A place that there is: history may hold one of before something was replaced, or of another link. */
function reached(setup: Setup, place: Place): Place {
  if (place.step === 'provider') return place;
  if (!providerOf(setup, place)) return { step: 'provider' };
  if (place.step === 'method') return place;
  if (!methodOf(setup, place)) return afterProvider(setup, place.provider ?? null);
  if (place.step !== 'enter' && !isMade(setup)) return { ...place, step: 'enter' };
  if (place.step === 'done' && !isConnected(setup)) return { ...place, step: 'check' };
  return place;
}

const SOON_MS = 3_000;
const LATER_MS = 30_000;

const pause = (failed: number, once = SOON_MS): number => Math.min(once * 2 ** failed, LATER_MS);

/** How long until the next look: as the server says by its own clock; longer after each one that failed. */
function pauseOf({ now, check }: Setup, failed: number, problem: SetupError | null): number {
  if (problem?.retryAfterSeconds) return problem.retryAfterSeconds * 1000;
  const asked = Date.parse(check.next_look_at) - Date.parse(now);
  return pause(failed, Math.max(asked, SOON_MS));
}

const asProblem = (error: unknown): SetupError =>
  error instanceof SetupError ? error : new SetupError('unreachable');

/** Whether what was made here is still the newest: another window may have made another. */
const isNewest = ({ connection }: MadeToken, setup: Setup): boolean =>
  connection.id === setup.connection?.id && connection.last_four === setup.connection.last_four;

/** Tells the page that shows this one in a frame, if it is one that may. */
function tellParent(setup: Setup, event: string): void {
  if (parent === window) return;
  // Where the browser tells whose frame it is, the others need not be tried.
  const [shower] = 'ancestorOrigins' in location ? [...location.ancestorOrigins] : [];
  for (const origin of setup.frame_ancestors) {
    if (shower !== undefined && shower !== origin) continue;
    parent.postMessage(
      {
        source: 'scim-setup',
        event,
        token_id: setup.connection?.id ?? null,
        height: Math.ceil(document.body.getBoundingClientRect().height),
      },
      origin,
    );
  }
}

/** The page, once there is something to show. */
function Page(props: { client: SetupClient; language: Language; first: Setup }): VNode {
  const { client, language, first } = props;
  const [setup, setSetup] = useState(first);
  const [problem, setProblem] = useState<SetupError | null>(null);
  const [failed, setFailed] = useState(0);
  const [made, setMade] = useState<MadeToken | null>(null);
  const [kept, setPlace] = useState<Place>((history.state as Place | null) ?? firstPlace(first));
  const moved = useRef(false);
  const place = reached(setup, kept);
  const brand = setup.brand.name;
  const provider = providerOf(setup, place);
  const method = methodOf(setup, place);
  const { state } = setup.check;

  /** Counts the looks: an answer is void once a later one was asked for. */
  const looks = useRef(0);
  const latest = useRef(first);
  latest.current = setup;
  const look = async (): Promise<void> => {
    looks.current += 1;
    const mine = looks.current;
    const answer = await client.read(language).catch(asProblem);
    if (mine !== looks.current) return;
    if (answer instanceof SetupError) {
      setProblem(answer);
      setFailed((times) => times + 1);
      return;
    }
    setSetup(answer);
    setMade((before) => (before && isNewest(before, answer) ? before : null));
    setProblem(null);
    setFailed(0);
  };
  useEffect(() => {
    if (problem?.problem === 'ended') return undefined;
    let timer = 0;
    const plan = (): void => {
      clearTimeout(timer);
      if (!document.hidden) timer = setTimeout(() => void look(), pauseOf(setup, failed, problem));
    };
    const shown = (): void => {
      if (document.hidden) clearTimeout(timer);
      else void look();
    };
    plan();
    document.addEventListener('visibilitychange', shown);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [setup, failed, problem]);

  const go = (next: Place, replace = false): void => {
    moved.current = true;
    if (replace) history.replaceState(next, '');
    else history.pushState(next, '');
    setPlace(next);
    scrollTo(0, 0);
  };
  // What follows is done before the reader can go on: a frame later it would miss a way back, and put this
  // step in the place of the next one.
  useLayoutEffect(() => {
    const popped = ({ state: before }: PopStateEvent): void => {
      moved.current = true;
      setPlace((before as Place | null) ?? firstPlace(setup));
    };
    addEventListener('popstate', popped);
    return () => {
      removeEventListener('popstate', popped);
    };
  }, [setup]);
  useLayoutEffect(() => {
    history.replaceState(kept, '');
  }, []);

  useEffect(() => {
    tellParent(first, 'opened');
    const observer = new ResizeObserver(() => {
      tellParent(latest.current, 'resized');
    });
    observer.observe(document.body);
    return () => {
      observer.disconnect();
    };
  }, []);
  useEffect(() => {
    if (state === 'connected' || state === 'synced') tellParent(setup, state);
  }, [state]);

  const make = async (request: MakeToken): Promise<void> => {
    try {
      const answer = await client.make(request, language);
      looks.current += 1;
      setMade(answer);
      tellParent({ ...setup, connection: answer.connection }, 'token_created');
    } finally {
      await look();
    }
  };

  const number = numberOf(place);
  const current = STEPS[number] ?? STEPS[0];
  useLayoutEffect(() => {
    document.title = `${say(current.text)} · ${say('title')} · ${brand}`;
  }, [current, brand]);

  if (problem?.problem === 'ended')
    return html`<${Shell} setup=${setup} brand=${brand} isOver><${Ended} /><//>`;

  const fixed = setup.link.provider !== null && provider?.methods.length === 1;
  const common = { setup, brand, focus: moved.current };
  const within = { ...common, provider, method };
  const withMethod = (name: AuthMethod): Place => ({ ...place, step: 'enter', method: name });
  const toChoice = (): void => {
    const several = (provider?.methods.length ?? 0) > 1;
    go(several && place.provider ? { ...place, step: 'method' } : { step: 'provider' });
  };
  /** The places that a step's number leads to; null where it cannot be gone to yet. */
  const targets: readonly (Place | null)[] = [
    fixed
      ? null
      : setup.link.provider === null
        ? { step: 'provider' }
        : { ...place, step: 'method' },
    method ? { ...place, step: 'enter' } : null,
    method && isMade(setup) ? { ...place, step: 'check' } : null,
    method && isConnected(setup) ? { ...place, step: 'done' } : null,
  ];
  return html`<${Shell} setup=${setup} brand=${brand}>
    <nav aria-label=${say('steps')}>
      <p class="step-of" aria-hidden="true">
        ${say('step_of', { number: number + 1, count: STEPS.length })}
      </p>
      <ol class="progress">
        ${STEPS.map((step, index) => {
          const target = targets[index] ?? null;
          const past = index < number;
          const inner = html`<span class="dot" aria-hidden="true">
              ${past ? html`<${Icon} shape="check" />` : index + 1}
            </span>
            <span class="progress-name">${say(step.text)}</span>
            ${past && html`<span class="unseen">, ${say('step_finished')}</span>`}`;
          const here = index === number ? 'step' : undefined;
          return html`<li key=${step.name} class=${past ? 'is-past' : ''} aria-current=${here}>
            ${
              target && !here
                ? html`<button
                    type="button"
                    onClick=${() => {
                      go(target);
                    }}
                  >
                    ${inner}
                  </button>`
                : html`<span>${inner}</span>`
            }
          </li>`;
        })}
      </ol>
    </nav>
    <main>
      ${
        problem &&
        html`<div class="offline" role="alert">
          ${say(problem.problem === 'busy' ? 'busy' : 'offline')}
        </div>`
      }
      <div key=${place.step} class="step">
        ${
          place.step === 'provider' &&
          html`<${ChooseProvider}
            ...${common}
            chosen=${setup.provider ?? kept.provider}
            choose=${({ id }: { id: string }) => {
              go(afterProvider(setup, id));
            }}
          />`
        }
        ${
          place.step === 'method' &&
          html`<${ChooseMethod}
            ...${common}
            provider=${provider}
            chosen=${place.method}
            choose=${(name: AuthMethod) => {
              go(withMethod(name));
            }}
            back=${
              setup.link.provider === null
                ? () => {
                    go({ step: 'provider' });
                  }
                : undefined
            }
          />`
        }
        ${
          place.step === 'enter' &&
          html`<${Enter}
              ...${within}
              made=${made?.connection.auth_method === place.method ? made : null}
              make=${make}
              next=${() => {
                go({ ...place, step: 'check' });
              }}
              back=${fixed ? undefined : toChoice}
            />
            ${isMade(setup) && (state !== 'waiting' || ailmentOf(setup)) && html`<${Verdict} setup=${setup} provider=${provider?.name} />`}`
        }
        ${
          place.step === 'check' &&
          html`<${Check}
            ...${within}
            next=${() => {
              go({ ...place, step: 'done' });
            }}
            enter=${() => {
              go({ ...place, step: 'enter' });
            }}
            explain=${(header: string) => client.explain(header, language)}
          />`
        }
        ${
          place.step === 'done' &&
          html`<${Done}
            ...${within}
            back=${() => {
              go({ ...place, step: 'check' });
            }}
            close=${
              parent === window || setup.frame_ancestors.length === 0
                ? null
                : () => {
                    tellParent(setup, 'closed');
                  }
            }
          />`
        }
      </div>
      <p class="unseen" role="status">${provider && verdict(setup, provider.name)}</p>
    </main>
  <//>`;
}

/** What stands around every step. */
function Shell({
  setup,
  brand,
  isOver = false,
  children,
}: {
  setup: Setup;
  brand: string;
  /** Whether the link has ended. */
  isOver?: boolean;
  children?: VNode;
}): VNode {
  const { logo_url, support_url } = setup.brand;
  return html`<header>
      <div class="brand">
        ${
          logo_url
            ? html`<img src=${logo_url} alt=${brand} />`
            : html`<span>${setup.brand.name}</span>`
        }
      </div>
      <div class="tenant">${setup.tenant.name}</div>
    </header>
    <div class="middle">${children}</div>
    <footer>
      <span>
        ${!isOver && say('link_until', { date: sayWhen(setup.link.expires_at, 'moment') })}
      </span>
      ${
        support_url &&
        /^(https?|mailto):/.test(support_url) &&
        html`<a href=${support_url} target="_blank" rel="noreferrer">${say('help')}</a>`
      }
    </footer>`;
}

function Ended(): VNode {
  return html`<${Alone} title=${say('ended_title')} text=${say('ended_text')} />`;
}

/** All that there is to say. */
function Alone({ title, text, retry }: { title: string; text: string; retry?: VNode }): VNode {
  useLayoutEffect(() => {
    document.title = title;
  }, [title]);
  return html`<main class="alone">
    <div class="panel">
      <${Icon} shape="link" />
      <${Heading} focus=${false}>${title}<//>
      <p class="lead">${text}</p>
      ${retry}
    </div>
  </main>`;
}

const KEPT = 'scim-setup';

/** The link's secret: of the address, from where it goes at once, else of this window's earlier visit. */
function takeSecret(): string | null {
  const given = location.hash.slice(1);
  // Another site's frame may be refused the storage: then the page works until it is reloaded.
  try {
    if (given === '') return sessionStorage.getItem(KEPT);
    sessionStorage.setItem(KEPT, given);
  } catch {
    if (given === '') return null;
  }
  history.replaceState(null, '', location.pathname + location.search);
  return given;
}

/** Said where not even the texts can be read. */
const UNREAD = {
  unreachable_title: 'The page cannot be loaded',
  unreachable_text: 'Its server does not answer. This page goes on trying by itself.',
  try_again: 'Try again',
};

async function start(page: HTMLElement, secret: string | null, failed = 0): Promise<void> {
  const language = bestLanguage([
    new URLSearchParams(location.search).get('lang'),
    ...navigator.languages,
  ]);
  const api = document.querySelector<HTMLMetaElement>('meta[name="scim-setup-api"]');
  const client = new SetupClient(new URL(api?.content ?? '', document.baseURI), secret ?? '');
  const [texts, first] = await Promise.all([
    readTexts(language).catch(asProblem),
    secret === null ? null : client.read(language).catch(asProblem),
  ]);
  const wanted =
    first instanceof SetupError ? language : bestLanguage([first?.language ?? language]);
  const spoken = wanted === language ? texts : await readTexts(wanted).catch(asProblem);
  const isUnread = spoken instanceof SetupError;
  if (!isUnread) speak(wanted, spoken);
  if (isUnread || (first instanceof SetupError && first.problem !== 'ended')) {
    const words = isUnread ? UNREAD : null;
    const again = setTimeout(() => void start(page, secret, failed + 1), pause(failed));
    const retry = html`<button
      type="button"
      class="main"
      onClick=${() => {
        clearTimeout(again);
        void start(page, secret);
      }}
    >
      ${words?.try_again ?? say('try_again')}
    </button>`;
    render(
      html`<${Alone}
        title=${words?.unreachable_title ?? say('unreachable_title')}
        text=${words?.unreachable_text ?? say('unreachable_text')}
        retry=${retry}
      />`,
      page,
    );
  } else if (first === null) {
    render(html`<${Alone} title=${say('no_link_title')} text=${say('no_link_text')} />`, page);
  } else if (first instanceof SetupError) {
    render(html`<${Ended} />`, page);
  } else {
    document.documentElement.style.setProperty('--brand', first.brand.color);
    document.documentElement.classList.toggle('is-framed', parent !== window);
    render(html`<${Page} client=${client} language=${wanted} first=${first} />`, page);
  }
}

// Another link, opened in this window.
addEventListener('hashchange', () => {
  location.reload();
});
const page = document.getElementById('page');
if (page) void start(page, takeSecret());
