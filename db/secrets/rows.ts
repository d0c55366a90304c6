/** A user's secret as it is stored. */
export interface SealedSecret {
  readonly userId: string;
  readonly name: string;
  /** Where it may be sent: `host`, or `host:port` where the port is not that of the scheme. */
  readonly hosts: readonly string[];
  readonly sealed: Buffer;
  readonly updatedAt: Date;
}

/** What is read of a secret of the table `s`, named like the fields of its row; still sealed. */
export const columns = `s.user_id as "userId", s.name, s.hosts, s.sealed, s.updated_at as "updatedAt"`;
