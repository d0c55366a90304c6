/** What tests use of s3rver, which comes without types. */
declare module 's3rver' {
  import type { AddressInfo } from 'node:net';

  export interface S3rverOptions {
    readonly address: string;
    readonly port: number;
    readonly directory: string;
    readonly silent: boolean;
  }
  export default class S3rver {
    constructor(options: S3rverOptions);
    run(done: (error: Error | null, address: AddressInfo) => void): void;
    close(): Promise<void>;
  }
}
