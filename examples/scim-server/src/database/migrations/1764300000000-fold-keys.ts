import type { MigrationInterface, QueryRunner } from 'typeorm';

const folded = (sql: string): string =>
  `(translate(lower(${sql} COLLATE "und-x-icu"), 'ς', 'σ') COLLATE "default")`;
const EMAIL_KEYS = `ARRAY(
  SELECT ${folded(`email->>'value'`)} FROM jsonb_path_query(document, '$.emails[*]') AS emails(email)
  WHERE email->>'value' IS NOT NULL)`;

/**
 * Keys that were folded by the database's own LC_CTYPE are folded anew. It fails where a tenant has two
 * users whose names are the same but for their letters' case: one of them has to be renamed first.
 */
export class FoldKeys1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // A large table takes longer than a request may.
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query(
      `UPDATE scim_users
       SET user_name_key = ${folded(`document->>'userName'`)}, email_keys = ${EMAIL_KEYS}
       WHERE user_name_key <> ${folded(`document->>'userName'`)} OR email_keys <> ${EMAIL_KEYS}`,
    );
    await runner.query(
      `UPDATE scim_groups SET display_name_key = ${folded(`document->>'displayName'`)}
       WHERE display_name_key <> ${folded(`document->>'displayName'`)}`,
    );
  }

  /** The keys stay: those of before depend on the database. */
  down(): Promise<void> {
    return Promise.resolve();
  }
}
