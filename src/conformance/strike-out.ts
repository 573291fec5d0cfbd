/** Characters that a part of a secret has at least, to be taken for one. */
const SHORTEST = 10;

/**
 * What takes secrets out of a text, parts of them too, in whatever letter case: servers echo what they were sent.
 *
 * @param secrets as they are sent; a JWT's header is one as well
 */
export function strikesOut(secrets: readonly string[]): (text: string) => string {
  const forms = secrets.flatMap((secret) =>
    [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), base64(secret)].map(
      (form) => form.toLowerCase(),
    ),
  );
  const shortest = Math.min(SHORTEST, ...forms.map(({ length }) => length));
  return (text) => {
    const lower = text.toLowerCase();
    let kept = '';
    for (let at = 0; at < text.length;) {
      const length = Math.max(...forms.map((form) => sharedLength(lower, at, form, shortest)), 0);
      kept += length === 0 ? text.charAt(at) : '[token]';
      at += Math.max(length, 1);
    }
    return kept;
  };
}

/** Without its end, which depends on what follows. */
const base64 = (secret: string): string => Buffer.from(secret).toString('base64').slice(0, -4);

/** How far the text is a part of the secret from here on; 0 where that is less than a secret's part has. */
function sharedLength(text: string, at: number, secret: string, shortest: number): number {
  if (!secret.includes(text.slice(at, at + shortest)) || at + shortest > text.length) return 0;
  let length = shortest;
  while (at + length < text.length && secret.includes(text.slice(at, at + length + 1))) length += 1;
  return length;
}
