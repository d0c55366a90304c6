import { loopback } from './free-port.ts';

interface SettingsOptions {
  readonly port: number;
  /** False: a crash of the machine may lose or damage the data. */
  readonly durable: boolean;
}

/** Of data that nobody misses: nothing is forced to the disk, and the WAL holds as little as it can. */
const perishable = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  wal_compression: 'off',
  max_wal_size: '256MB',
  // It would look again and again at each of many databases that are gone within seconds.
  autovacuum: 'off',
};

/** The settings of an embedded Postgres, as its command line takes them. */
export function postgresSettings(options: SettingsOptions): Readonly<Record<string, string>> {
  return {
    listen_addresses: loopback,
    port: String(options.port),
    // TCP with a password is the only door.
    unix_socket_directories: '',
    // Some 25 for each server and worker where the queue is in Postgres too, a few for each attempt that runs alone, and tools.
    max_connections: '200',
    // A quarter of the smallest machine we aim at (512 MB).
    shared_buffers: '128MB',
    // Rows carry JSON: compressed WAL writes about half as much.
    wal_compression: 'on',
    // Checkpoints by time, not by volume, during bursts of runs.
    max_wal_size: '1GB',
    min_wal_size: '64MB',
    checkpoint_timeout: '10min',
    // Every query of ours is short and indexed; just-in-time compiling and parallel workers only cost.
    jit: 'off',
    max_parallel_workers_per_gather: '0',
    // Rows of running work are updated often: clean up before tables bloat.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    random_page_cost: '1.1',
    log_line_prefix: '%m [%p] %a ',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_checkpoints: 'off',
    // A second is far beyond our slowest normal statement.
    log_min_duration_statement: '1s',
    // Statements may hold user text; parameters stay out of the log.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    ...(options.durable ? {} : perishable),
  };
}
