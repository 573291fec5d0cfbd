import { DataSource } from 'typeorm';
import { dataSourceOptions } from './src/database/data-source.options';

const url = process.env.DATABASE_URL;
if (!url) {
  throw new Error(
    'DATABASE_URL is not set: the TypeORM command line takes postgres://user:password@host:port/database',
  );
}

/** The data source of the TypeORM command line: the service's own settings on DATABASE_URL. */
export default new DataSource(
  dataSourceOptions({ url, schema: process.env.DATABASE_SCHEMA ?? 'public', poolMax: 2 }),
);
