/** What the setup page speaks, the one that stands where nothing else is asked for first. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'ja'] as const;

/** One of {@link LANGUAGES}. */
export type Language = (typeof LANGUAGES)[number];
