import type { DataSource, QueryRunner } from 'typeorm';
import { MIGRATION_LOCK } from './migrate';
import { inTransaction, runUnlogged } from './own-statements';
import { dataSourceOf, qualifiedTables } from './table-names';

/** Column that every table of ours is distributed by. */
const COLUMN = 'tenant_id';
/** Bytes of a table that are still copied to its shards under one lock, which no write gets past. */
const MOST_BYTES = 2 ** 30;

/** Where one of our tables lies. */
export interface TableLayout {
  /** Quoted and schema-qualified. */
  readonly name: string;
  /** What the table takes on the coordinator, with what is stored apart from its rows. */
  readonly bytes: number;
  /** What it is distributed by; null where it is an ordinary table. */
  readonly column: string | null;
  /** Tables of one group keep a tenant's rows side by side; null where it is not distributed. */
  readonly group: number | null;
  /** 0 where it is not distributed. */
  readonly shards: number;
}

/** Whether the database may be a Citus cluster's, where a statement locks rows of one shard alone. */
export async function hasCitus(dataSource: DataSource): Promise<boolean> {
  const found = await runUnlogged(dataSource, `SELECT FROM pg_extension WHERE extname = 'citus'`);
  return found.length > 0;
}

/**
 * How our tables lie.
 *
 * @throws Error where the database has no Citus, or not our tables
 */
export function readLayout(dataSource: DataSource): Promise<TableLayout[]> {
  return inTransaction(dataSource, readLayoutBy);
}

async function readLayoutBy(runner: QueryRunner): Promise<TableLayout[]> {
  if (!(await hasCitus(dataSourceOf(runner)))) {
    throw new Error(
      'This PostgreSQL has no extension "citus": CREATE EXTENSION citus in this database, on the coordinator and on each worker, then citus_add_node(…) for each worker',
    );
  }
  const tables = Object.values(qualifiedTables(dataSourceOf(runner)));
  const layout = (await runner.query(
    `SELECT name, pg_table_size(to_regclass(name))::float AS bytes,
            c.distribution_column AS column, c.colocation_id AS group, coalesce(c.shard_count, 0)::int AS shards
     FROM unnest($1::text[]) WITH ORDINALITY AS t (name, place)
     LEFT JOIN citus_tables c ON c.table_name = to_regclass(name)
     ORDER BY place`,
    [tables],
  )) as (Omit<TableLayout, 'bytes'> & { readonly bytes: number | null })[];
  const missing = layout.filter(({ bytes }) => bytes === null);
  if (missing.length > 0) {
    throw new Error(
      `There is no table ${missing.map(({ name }) => name).join(', ')}: start the service once, which makes them, or check DATABASE_SCHEMA`,
    );
  }
  return layout as TableLayout[];
}

/** Why tables that lie so cannot be distributed by tenant; null where nothing is in the way. */
export function obstacleIn(layout: readonly TableLayout[]): string | null {
  for (const { name, bytes, column } of layout) {
    if (column !== null && column !== COLUMN) {
      return `${name} is distributed by ${column}, and not by ${COLUMN}: undistribute_table('${name}') first`;
    }
    if (column === null && bytes > MOST_BYTES) {
      return `${name} holds ${(bytes / 2 ** 30).toFixed(1)} GiB, more than the 1 GiB that is copied under one lock: remove what is old (audit prune), or create_distributed_table('${name}', '${COLUMN}') by hand while no service runs`;
    }
  }
  const groups = new Set(layout.flatMap(({ group }) => group ?? []));
  if (groups.size <= 1) return null;
  return `The tables lie in ${groups.size} groups, so that a tenant's rows are not side by side: undistribute_table(…) those that are not in the first table's group`;
}

/** Whether every table is distributed by tenant, a tenant's rows side by side. */
export function isDistributed(layout: readonly TableLayout[]): boolean {
  return layout.every(({ column }) => column === COLUMN) && obstacleIn(layout) === null;
}

/**
 * Distributes our tables over the workers of a Citus cluster, by tenant and side by side, all or none; what
 * is distributed already stays. Unique indexes over all tenants go: no shard could keep them. Locks the
 * tables until it is done, and needs a connection to the coordinator.
 *
 * @returns the names of the tables that were distributed
 * @throws Error that says what is in the way
 */
export function distributeTables(dataSource: DataSource): Promise<string[]> {
  return inTransaction(dataSource, async (runner) => {
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const layout = await readLayoutBy(runner);
    const obstacle = obstacleIn(layout);
    if (obstacle !== null) throw new Error(obstacle);
    // Tables with foreign keys between them are made on one connection to each worker.
    await runner.query(`SET LOCAL citus.multi_shard_modify_mode = 'sequential'`);
    await dropIndexesOverAllTenants(runner, layout);
    let beside = layout.find(({ column }) => column !== null)?.name;
    const local = layout.filter(({ column }) => column === null).map(({ name }) => name);
    for (const name of local) {
      await runner.query('SELECT create_distributed_table($1::regclass, $2, colocate_with => $3)', [
        name,
        COLUMN,
        beside ?? 'none',
      ]);
      beside ??= name;
    }
    // The rows that were copied would stay here, unseen and for ever, hashes among them.
    if (local.length > 0) {
      await runner.query(
        'SELECT truncate_local_data_after_distributing_table(name::regclass) FROM unnest($1::text[]) AS name',
        [local],
      );
    }
    return local;
  });
}

async function dropIndexesOverAllTenants(
  runner: QueryRunner,
  layout: readonly TableLayout[],
): Promise<void> {
  const indexes = (await runner.query(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_index i
     JOIN pg_class c ON c.oid = i.indexrelid
     JOIN unnest($1::text[]) AS t (name) ON i.indrelid = to_regclass(t.name)
     WHERE c.relname LIKE 'uq\\_all\\_%'`,
    [layout.map(({ name }) => name)],
  )) as { name: string }[];
  for (const { name } of indexes) await runner.query(`DROP INDEX ${name}`);
}
