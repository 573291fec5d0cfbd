import { generateKeyPairSync } from 'node:crypto';

const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = String(publicKey.export({ type: 'spki', format: 'pem' })).trim();
const body = pem.split('\n').slice(1, -1);
const jwk = publicKey.export({ format: 'jwk' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey;
/** Of login.example.com, in base64. */
const CERTIFICATE = [
  'MIIBjzCCATWgAwIBAgIUVcxkiGHmnUscTQW2+tLijt/9/pMwCgYIKoZIzj0EAwIwHDEaMBgGA1UEAwwR',
  'bG9naW4uZXhhbXBsZS5jb20wIBcNMjYxMTI4MTgwNzI0WhgPMjEyNjExMDQxODA3MjRaMBwxGjAYBgNV',
  'BAMMEWxvZ2luLmV4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEIOYdf7Pemf982Gy6',
  'OS1J5NPmtgn3xjwTa5aFSqs1UNbAc3+Se1J2LAXitw7d5goXZKo7+xuu/Z1lzZ/ynbhDiaNTMFEwHQYD',
  'VR0OBBYEFFlWWxNEnleSpXBCV+3MH9lQc6MNMB8GA1UdIwQYMBaAFFlWWxNEnleSpXBCV+3MH9lQc6MN',
  'MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAIgJHesTBfBnrryyiM8yh+skvOsWJfBl',
  '9G+B0YOZycGbAiATi9QCigwhUkU2qgmc8aypqqYOtz9gdLRj44fYVYUjWA==',
].join('');

/** What no secret may be, beside its name. */
export const KNOWABLE_SECRETS: readonly [string, string][] = [
  ['PEM of a public key', pem],
  ['PEM of a private key', String(privateKey.export({ type: 'pkcs8', format: 'pem' }))],
  ['PEM on one line', pem.replaceAll('\n', '\\n')],
  ['PEM behind white space', ` \t\n${pem}`],
  ['PEM in quotes', JSON.stringify(pem)],
  [
    'PEM of a certificate',
    `-----BEGIN CERTIFICATE-----\n${CERTIFICATE}\n-----END CERTIFICATE-----`,
  ],
  ['certificate in base64', CERTIFICATE],
  ['RSA key in base64', rsa.export({ type: 'pkcs1', format: 'der' }).toString('base64')],
  ['PEM in base64', Buffer.from(pem).toString('base64')],
  ['PEM without its first and last line', body.join('\n')],
  ['PEM without them, on one line', body.join('\\n')],
  [
    'public key of SSH',
    `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${'Gb9ECWmEzf6F'.repeat(3)} ops@example.com`,
  ],
  ['JWK', JSON.stringify(jwk)],
  ['JWK over lines', JSON.stringify(jwk, null, 2)],
  ['JWK of a shared secret', JSON.stringify({ kty: 'oct', k: 'GawgguFyGrWKav7AX4VKUg' })],
  ['JWK set', JSON.stringify({ keys: [jwk] })],
  ['JWK set without keys', JSON.stringify({ keys: [], issuer: 'https://login.example.com' })],
  ['JWK in base64url', Buffer.from(JSON.stringify(jwk)).toString('base64url')],
  ['JWK in a text', JSON.stringify(JSON.stringify(jwk))],
  ['one character', 'a'.repeat(32)],
  ['seven characters', 'abcdefg'.repeat(10)],
  ['one character of four bytes', '🔑'.repeat(16)],
  ['placeholder to change', 'please-change-me-please-change-me-please'],
  ['placeholder in capitals', 'CHANGE_ME_CHANGE_ME_CHANGE_ME_CHANGE_ME'],
  ['placeholder to replace', 'replace this with at least thirty-two bytes'],
  ['placeholder by its name', 'placeholder-placeholder-placeholder'],
  ['placeholder of yours', 'your-256-bit-secret-your-256-bit-secret'],
  ["placeholder of jwt.io's", 'a-string-secret-at-least-256-bits-long'],
  ['placeholder to fill in', 'insert-your-random-secret_of-32-bytes-or-more'],
  ['placeholder in brackets', '<at least 32 random bytes, in base64>'],
  ['variable that nothing filled in', '${JWT_SECRET_OF_THE_PRODUCTION_SYSTEM}'],
  ['command that no shell ran', '$(openssl rand -base64 48 | tr -d "\\n")'],
  ['word again and again', 'secretsecretsecretsecretsecretsecret123'],
  ['placeholder in base64', Buffer.from('change-me-change-me-change-me').toString('base64')],
];

const inWebhookForm = (key: string): string => `whsec_${Buffer.from(key).toString('base64')}`;

/** The same of webhooks' secrets. */
export const KNOWABLE_WEBHOOK_SECRETS: readonly string[] = [
  `whsec_${'A'.repeat(32)}`,
  inWebhookForm('a'.repeat(32)),
  inWebhookForm('abcdefg'.repeat(5)),
  inWebhookForm('change-me-change-me-change-me'),
  inWebhookForm('-----BEGIN PUBLIC KEY-----MFkwEwYH'),
  inWebhookForm('{"kty":"oct","k":"GawgguFyGrWKav7A"}'),
  'whsec_ChangeMePleaseWithARandomSecret0',
  'changeMeBeforeYouGoToProduction0123456789abc',
];

/** As of `openssl rand -hex 32`, `-base64 48`, `-base64 32` and `-hex 24`. */
export const RANDOM_SECRETS: readonly string[] = [
  'f0b4c1a27de97f06b0c9b1e15d7f3a6c8e2a94d05b7cc3f1862e0d9a4b5f7c13',
  'Zb0yq3nM8mQk6w1b9pTg1hXo7YvP2dRfLr5cJt4uKs+eGiVaNx/UzWjHqBl0OC6D',
  'q8Y1m0V7tq5nYJm9k2xv0oT4cZrW3uHbP6sLdEfG+aI=',
  '7d0f3b9e5a1c8426e7f90b3d5c2a1864f7e8d9c0b1a23456',
];
