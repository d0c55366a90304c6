import pg from 'pg';

/** Makes and drops databases of one Postgres. */
export interface Administration {
  /** Copies one, such as `template0`. */
  create(name: string, template: string): Promise<void>;
  /** Connections that are still open are cut. */
  drop(name: string): Promise<void>;
}

const known = new Map<string, Administration>();

/**
 * The administration of the Postgres at `url`. All test files of a process share it and its connections
 * (testing/jest/runtime.mjs): a connection is a process of Postgres. Nothing waits for them to end.
 */
export function administrationOf(url: string): Administration {
  const made = known.get(url) ?? createAdministration(url);
  known.set(url, made);
  return made;
}

function createAdministration(url: string): Administration {
  const pool = new pg.Pool({ connectionString: url, max: 2, allowExitOnIdle: true });
  pool.on('error', () => {});
  let strategy: string | undefined;
  return {
    async create(name, template) {
      strategy ??= await copyStrategy(pool);
      await pool.query(`create database ${name} template ${template} ${strategy}`);
    },
    async drop(name) {
      await pool.query(`drop database if exists ${name} with (force)`);
    },
  };
}

/** The files of a template are copied as they are: to write each page into the log as well costs more than twice as much. */
async function copyStrategy(pool: pg.Pool): Promise<string> {
  const { rows } = await pool.query(`select current_setting('server_version_num')::int >= 150000 as is_told_how`);
  return rows[0].is_told_how ? 'strategy file_copy' : '';
}
