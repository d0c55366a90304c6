/** A file of a user: a name for content that is stored once, by its hash. */
export interface AssetRow {
  readonly id: string;
  readonly userId: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly name: string;
  readonly mimeType: string;
  readonly bytes: number;
  /** Pixels of the upright image. */
  readonly width: number | null;
  readonly height: number | null;
  /** Of what lasts. */
  readonly durationMs: number | null;
  /** Of an audio file. */
  readonly channels: number | null;
  /** Samples a second of one channel of an audio file. */
  readonly sampleRate: number | null;
  readonly createdAt: Date;
}

/** What is read of a file, named like the fields of AssetRow. */
export const columns = [
  'id',
  'user_id as userId',
  'sha256',
  'name',
  'mime_type as mimeType',
  'bytes',
  'width',
  'height',
  'duration_ms as durationMs',
  'channels',
  'sample_rate as sampleRate',
  'created_at as createdAt',
] as const;

/** `bigint` is read as text; files are far below 2^53 bytes. */
export function assetOf<Row extends { readonly bytes: string }>(
  row: Row,
): Omit<Row, 'bytes'> & { readonly bytes: number } {
  return { ...row, bytes: Number(row.bytes) };
}
