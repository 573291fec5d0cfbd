import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateProjects1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'CREATE TABLE projects (id serial CONSTRAINT pk_projects PRIMARY KEY, name varchar(100) NOT NULL)',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE projects');
  }
}
