/** What all steps are made of: the words of the reader's language, and small parts. */
import type { ComponentChildren, VNode } from 'preact';
import {
  html,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from './htm/preact/standalone.module.js';
import type english from './texts/en.json';

/** Name of a text; `texts/en.json` has them all. */
export type TextKey = keyof typeof english;

type Texts = Record<TextKey, string>;

const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const;

/** A language that there are texts in. */
export type Language = (typeof LANGUAGES)[number];

let spoken: Language = 'en';
let texts: Texts;

/** The first of the wanted languages that there is, whatever its region; else English. */
export function bestLanguage(wanted: readonly (string | null)[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => language === tag?.toLowerCase().split('-')[0]);
    if (found !== undefined) return found;
  }
  return 'en';
}

/** Reads the texts of a language, without speaking it yet. Throws where they cannot be read. */
export async function readTexts(language: Language): Promise<Texts> {
  const response = await fetch(new URL(`./texts/${language}.json`, import.meta.url));
  if (!response.ok) throw new Error(response.statusText);
  return (await response.json()) as Texts;
}

/** From here on everything is said in this language. */
export function speak(language: Language, read: Texts): void {
  spoken = language;
  texts = read;
  document.documentElement.lang = language;
}

/** A text with its `{names}` filled in. */
export function say(key: TextKey, values: Readonly<Record<string, string | number>> = {}): string {
  return texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

const FORMATS = {
  date: { dateStyle: 'long' },
  moment: { dateStyle: 'long', timeStyle: 'short' },
  time: { timeStyle: 'medium' },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** A moment in the reader's language and time zone; of today the time alone is enough. */
export function sayWhen(moment: string | Date, format: keyof typeof FORMATS = 'date'): string {
  // English dates differ by region: as the reader's own browser has it.
  const region =
    navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === spoken) ?? spoken;
  return new Intl.DateTimeFormat(region, FORMATS[format]).format(new Date(moment));
}

const SHAPES = {
  check: 'M4 10.5l4 4 8-9',
  next: 'M7.5 4l6 6-6 6',
  copy: 'M7 7V4.5A1.5 1.5 0 0 1 8.5 3h7A1.5 1.5 0 0 1 17 4.5v7a1.5 1.5 0 0 1-1.5 1.5H13M4.5 7h7A1.5 1.5 0 0 1 13 8.5v7a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 3 15.5v-7A1.5 1.5 0 0 1 4.5 7z',
  link: 'M8.5 11.5l3-3M9 6l1.6-1.6a3.5 3.5 0 0 1 5 5L14 11M11 14l-1.6 1.6a3.5 3.5 0 0 1-5-5L6 9',
  alert: 'M10 6v5m0 3v.01M10 2.5l8 14H2z',
  calendar:
    'M3.5 8h13M6.5 2.5v3m7-3v3M5 4h10a1.5 1.5 0 0 1 1.5 1.5v10A1.5 1.5 0 0 1 15 17H5a1.5 1.5 0 0 1-1.5-1.5v-10A1.5 1.5 0 0 1 5 4z',
};

/** A drawing beside words that say the same. */
export function Icon({ shape }: { shape: keyof typeof SHAPES }): VNode {
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
    <path d=${SHAPES[shape]} />
  </svg>`;
}

/** Whether a text in straight quotes is a console's label, and not an example of what to type. */
const LABEL = /^"[\p{L}+][^"]*[^"\s]"$/u;

/** A sentence whose console labels stand out. */
export function Sentence({ text }: { text: string }): VNode {
  const parts = text.split(/("[^"]*")/).map((part) => {
    if (LABEL.test(part)) return html`<b translate=${false}>${part.slice(1, -1)}</b>`;
    return part.replaceAll(' > ', ' › ');
  });
  return html`<span>${parts}</span>`;
}

/** The heading of a step, which takes the focus when the step comes up. */
export function Heading({ children, focus }: { children?: ComponentChildren; focus: boolean }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // With the step, not a frame after it: who reads by ear would hear the whole page in between.
  useLayoutEffect(() => {
    if (focus) heading.current?.focus();
  }, [focus]);
  return html`<h1 ref=${heading} tabindex="-1">${children}</h1>`;
}

/** How long a button says what it did. */
const SAID_MS = 2500;

/** Dots in place of a secret, up to the characters by which it is known. */
const masked = (value: string): string => `${'•'.repeat(16)}${value.slice(-4)}`;

/** One value in a box of its own, under the console's label. */
export function ValueBox({
  label,
  value,
  secret = false,
  copyable = true,
  note,
  children,
}: {
  label: string;
  /** Null while there is none: `children` say why. */
  value: string | null;
  /** Shown on demand alone. */
  secret?: boolean;
  /** False for words that only say what to enter. */
  copyable?: boolean;
  /** A warning that belongs to the value. */
  note?: string | undefined;
  children?: ComponentChildren;
}): VNode {
  const [shown, setShown] = useState(!secret);
  const [said, setSaid] = useState<'copied' | 'copy_by_hand' | null>(null);
  const code = useRef<HTMLElement>(null);
  useEffect(() => {
    if (said === null) return undefined;
    // Where the browser refuses its clipboard, as in some frames, the reader's own keys remain.
    if (said === 'copy_by_hand' && code.current) getSelection()?.selectAllChildren(code.current);
    const timer = setTimeout(() => {
      setSaid(null);
    }, SAID_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [said]);
  if (value === null) {
    return html`<div class="box">
      <div class="box-label">${label}</div>
      <div class="box-value is-empty">${children}</div>
    </div>`;
  }
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
      setSaid('copied');
    } catch {
      setShown(true);
      setSaid('copy_by_hand');
    }
  };
  return html`<div class="box">
    <div class="box-label">${label}</div>
    <div class="box-row">
      ${
        copyable
          ? html`<code ref=${code} class="box-value" translate=${false}
              >${shown ? value : masked(value)}</code
            >`
          : html`<span class="box-value is-words">${value}</span>`
      }
      <span class="box-buttons">
        ${
          secret &&
          html`<${SmallButton}
            name=${say(shown ? 'hide_of' : 'show_of', { label })}
            text=${say(shown ? 'hide' : 'show')}
            press=${() => {
              setShown(!shown);
            }}
          />`
        }
        ${
          copyable &&
          html`<${SmallButton}
            name=${say('copy_of', { label })}
            shape=${said === 'copied' ? 'check' : 'copy'}
            text=${said === 'copied' ? say('copied') : say('copy')}
            press=${() => void copy()}
          />`
        }
      </span>
    </div>
    ${note !== undefined && html`<p class="once"><${Icon} shape="alert" /><span>${note}</span></p>`}
    <span class=${said === 'copy_by_hand' ? 'box-said' : 'unseen'} role="status">
      ${said === 'copied' && say('copied_of', { label })}
      ${said === 'copy_by_hand' && say('copy_by_hand')}
    </span>
  </div>`;
}

function SmallButton(props: {
  /** What a screen reader says: there are many of the same text. */
  name: string;
  text: string;
  shape?: keyof typeof SHAPES;
  press: () => void;
}): VNode {
  return html`<button type="button" class="small" aria-label=${props.name} onClick=${props.press}>
    ${props.shape && html`<${Icon} shape=${props.shape} />`}<span>${props.text}</span>
  </button>`;
}

/** Something to be noticed: how things stand, or what went wrong. */
export function Notice({
  kind,
  title,
  children,
}: {
  kind: 'waiting' | 'good' | 'bad' | 'plain';
  title?: string;
  children?: ComponentChildren;
}): VNode {
  return html`<div class="notice is-${kind}">
    ${kind === 'waiting' && html`<span class="pulse" aria-hidden="true"></span>`}
    ${kind === 'good' && html`<${Icon} shape="check" />`}
    ${kind === 'bad' && html`<${Icon} shape="alert" />`}
    <div>${title !== undefined && html`<h2>${title}</h2>`} ${children}</div>
  </div>`;
}

/** What leads on, and back: one action is the main one. */
export function Actions({
  back,
  children,
}: {
  back?: (() => void) | undefined;
  children?: ComponentChildren;
}): VNode {
  return html`<div class="actions">
    ${children}
    ${back && html`<button type="button" class="quiet" onClick=${back}>${say('back')}</button>`}
  </div>`;
}
