import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users, groups, memberships, and how many of each a tenant has. */
export class CreateScimResources1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE scim_users (
        tenant_id varchar(255) NOT NULL,
        id uuid NOT NULL,
        user_name_key text NOT NULL,
        external_id text,
        email_keys text[] NOT NULL,
        document jsonb NOT NULL,
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT scim_users_pkey PRIMARY KEY (tenant_id, id)
      )`);
    await runner.query(
      'CREATE UNIQUE INDEX scim_users_user_name_key ON scim_users (tenant_id, user_name_key)',
    );
    await runner.query(
      'CREATE INDEX scim_users_external_id ON scim_users (tenant_id, external_id)',
    );
    await runner.query('CREATE INDEX scim_users_email_keys ON scim_users USING gin (email_keys)');

    await runner.query(`
      CREATE TABLE scim_groups (
        tenant_id varchar(255) NOT NULL,
        id uuid NOT NULL,
        display_name_key text NOT NULL,
        external_id text,
        document jsonb NOT NULL,
        version integer NOT NULL,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT scim_groups_pkey PRIMARY KEY (tenant_id, id)
      )`);
    await runner.query(
      'CREATE INDEX scim_groups_display_name_key ON scim_groups (tenant_id, display_name_key)',
    );
    await runner.query(
      'CREATE INDEX scim_groups_external_id ON scim_groups (tenant_id, external_id)',
    );

    await runner.query(`
      CREATE TABLE scim_group_members (
        tenant_id varchar(255) NOT NULL,
        group_id uuid NOT NULL,
        member_id uuid NOT NULL,
        member_type varchar(5) NOT NULL,
        CONSTRAINT scim_group_members_pkey PRIMARY KEY (tenant_id, group_id, member_id),
        CONSTRAINT scim_group_members_group_fkey FOREIGN KEY (tenant_id, group_id)
          REFERENCES scim_groups (tenant_id, id) ON DELETE CASCADE,
        CONSTRAINT scim_group_members_type_check CHECK (member_type IN ('User', 'Group'))
      )`);
    await runner.query(
      'CREATE INDEX scim_group_members_member ON scim_group_members (tenant_id, member_id)',
    );

    await runner.query(`
      CREATE TABLE scim_resource_counts (
        tenant_id varchar(255) NOT NULL,
        resource_type varchar(5) NOT NULL,
        shard smallint NOT NULL,
        count bigint NOT NULL,
        CONSTRAINT scim_resource_counts_pkey PRIMARY KEY (tenant_id, resource_type, shard)
      ) WITH (fillfactor = 50)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE scim_resource_counts');
    await runner.query('DROP TABLE scim_group_members');
    await runner.query('DROP TABLE scim_groups');
    await runner.query('DROP TABLE scim_users');
  }
}
