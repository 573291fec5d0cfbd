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
