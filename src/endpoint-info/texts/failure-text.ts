import type { InLanguages, Language } from '../../core/languages';
import { FAILURE_HINTS, type FailureHint } from '../../core/refusal';
import failureTexts from './failure-texts.json';

/** `en` is there where the setup page says it in other words than administrators read. */
const TEXTS: Readonly<Record<FailureHint, InLanguages>> = failureTexts;

/** What went wrong and what to change, for the setup page's reader. */
export function failureText(hint: FailureHint, language: Language): string {
  return TEXTS[hint][language] ?? FAILURE_HINTS[hint];
}
