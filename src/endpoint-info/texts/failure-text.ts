import type { Language } from '../../core/languages';
import { FAILURE_HINTS, type FailureHint } from '../../core/refusal';
import failureTexts from './failure-texts.json';

/** `en` is there where the setup page says it in other words than administrators read. */
const TEXTS: Partial<Record<FailureHint, Partial<Record<Language, string>>>> = failureTexts;

/** What went wrong and what to change, for the setup page's reader. */
export function failureText(hint: FailureHint, language: Language): string {
  return TEXTS[hint]?.[language] ?? FAILURE_HINTS[hint];
}
