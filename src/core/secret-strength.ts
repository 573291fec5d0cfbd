import { createPublicKey, X509Certificate } from 'node:crypto';

/** Fewest bytes of a secret: what HS256 asks for, RFC 7518 §3.2. */
const MIN_BYTES = 32;
const MIN_DIFFERENT_CHARACTERS = 8;

/** What {@link isStrongSecret} takes, in words for people. */
export const STRONG_SECRET_TAKES = `at least ${MIN_BYTES} bytes with ${MIN_DIFFERENT_CHARACTERS} different characters, as of openssl rand -hex ${MIN_BYTES}; no PEM, no JWK and no placeholder`;

/** Whether a text can be a secret: long enough, and nothing that others may know. */
export function isStrongSecret(text: string): boolean {
  return Buffer.byteLength(text) >= MIN_BYTES && !isKnowable(text);
}

/**
 * Whether others may know or guess a text: a key that is published, a placeholder, or few different
 * characters. What it is in base64 counts as well.
 */
export function isKnowable(text: string): boolean {
  if (new Set(text).size < MIN_DIFFERENT_CHARACTERS) return true;
  // Environment files often hold a PEM on one line.
  const bytes = Buffer.from(text.replaceAll('\\n', ''), 'base64');
  const spellings = [text, bytes.toString('latin1')];
  return (
    spellings.some((spelling) => isKeyText(spelling) || isPlaceholder(spelling)) || isDer(bytes)
  );
}

const PEM = /-{4,5} ?BEGIN/i;
const SSH = /\b(?:ssh|ecdsa|sk)-[\w.@-]{1,64}\s+AAAA/;
/** A member of a JWK or a JWK set, its quotes perhaps escaped. */
const JWK = /"(?:kty|keys)\\?"\s*:/;

function isKeyText(text: string): boolean {
  return PEM.test(text) || SSH.test(text) || JWK.test(text);
}

/** A public key or a certificate: a PEM without its first and last line. */
function isDer(bytes: Buffer): boolean {
  const readers = [
    () => createPublicKey({ key: bytes, format: 'der', type: 'spki' }),
    () => createPublicKey({ key: bytes, format: 'der', type: 'pkcs1' }),
    () => new X509Certificate(bytes),
  ];
  return readers.some((read) => {
    try {
      read();
      return true;
    } catch {
      return false;
    }
  });
}

/** Texts that stand where a secret belongs, those of jwt.io among them, in small letters and without what separates them. */
const PLACEHOLDERS = [
  /change(?:me|it|this)/,
  /replace(?:me|it|this|with)/,
  /placeholder/,
  /your(?:own|jwt|256bit|super|scim|webhook)?(?:secret|key|pepper|password|token)/,
  /(?:insert|put|enter)(?:your|a|the)(?:own|jwt|long|random)?(?:secret|key|pepper)/,
  /(?:secret|key|pepper)(?:goes)?here/,
  /(?:super|very|top)secret/,
  /astringsecretatleast/,
  /^(?:example|default|secret|password|jwt|token|key|pepper|scim|webhook|verify)+\d*$/,
];
/** What a template or a shell would have filled in. */
const UNFILLED = /^\s*(?:<[^>]*>|\$\{[^}]*\}|\$\([^)]*\)|\{\{[^}]*\}\})\s*$/;

function isPlaceholder(text: string): boolean {
  const words = text.toLowerCase().replace(/[\s\p{P}\p{S}]+/gu, '');
  return UNFILLED.test(text) || PLACEHOLDERS.some((placeholder) => placeholder.test(words));
}

const WEBHOOK_KEY_BYTES = { min: 24, max: 64 };
const WEBHOOK_SECRET =
  /^(?:whsec_)?(?<key>(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** What {@link isWebhookSecret} takes, in words for people. */
export const WEBHOOK_SECRET_TAKES =
  'whsec_ and 24 to 64 random bytes in base64, as of openssl rand -base64 32; no PEM, no JWK and no placeholder';

/** Whether a secret is one of Standard Webhooks, and nothing that others may know. */
export function isWebhookSecret(secret: string): boolean {
  const key = WEBHOOK_SECRET.exec(secret)?.groups?.key;
  if (key === undefined) return false;
  const bytes = Buffer.from(key, 'base64');
  const { min, max } = WEBHOOK_KEY_BYTES;
  const isLong = bytes.length >= min && bytes.length <= max;
  return isLong && !isKnowable(key) && !isKnowable(bytes.toString('latin1'));
}
