/** What the setup page speaks, the one that stands where nothing else is asked for first. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const;

/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];

/** One text in each; `en` is left out where another place holds it. */
export type InLanguages = Readonly<{ en?: string } & Record<Exclude<Language, 'en'>, string>>;
