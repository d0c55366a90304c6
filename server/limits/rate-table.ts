/** Tokens in a bucket that refills steadily. */
export interface RateLimit {
  readonly burst: number;
  readonly perSecond: number;
}

/** What is counted, each with buckets of its own. */
export type RateName = keyof RateTable;

/** The bucket of each thing that is limited. */
export interface RateTable {
  /** Requests of one user. */
  readonly api: RateLimit;
  /** Files and previews that one user looks at; a canvas asks for hundreds at once. */
  readonly files: RateLimit;
  /** Requests of one address on routes that are open to anybody. */
  readonly address: RateLimit;
  /** Wrong keys and cookies of one address. */
  readonly badCredential: RateLimit;
  /** Sign-in attempts on one account from one address. */
  readonly signIn: RateLimit;
  /** Sign-in attempts from one address. */
  readonly signInAddress: RateLimit;
  /** Sign-in attempts on one account from everywhere together, but for browsers that have signed in to it before. */
  readonly signInAccount: RateLimit;
  /** Deliveries to one webhook. */
  readonly hook: RateLimit;
  /** Deliveries to one webhook that are refused and kept. */
  readonly refusedHook: RateLimit;
  /** Requests by one link to an app, whoever comes by it. */
  readonly link: RateLimit;
  /** Requests by one link from one address. */
  readonly linkVisitor: RateLimit;
  /** Runs and files of one link from one address. */
  readonly linkStart: RateLimit;
  /** Runs of one link. */
  readonly linkRun: RateLimit;
  /** API keys and accounts of programs that one user makes: what is revoked stays written down. */
  readonly credential: RateLimit;
  /** Runs that one user starts. */
  readonly runStart: RateLimit;
}
