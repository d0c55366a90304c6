/**
 * Where requests get a token of the identity provider from. Null, also as an
 * answer, where the session is in a cookie alone.
 */
export interface AccessTokenSource {
  /** A fresh token, or null. */
  get(): Promise<string | null>;
  /** Tells where tokens come from, once the provider's code is there. */
  use(provide: (() => Promise<string | null>) | null): void;
}

/** Answers null until `use` has named a provider. */
export function createAccessTokenSource(): AccessTokenSource {
  let source: (() => Promise<string | null>) | null = null;
  return {
    get: async () => (source === null ? null : source()),
    use: (provide) => {
      source = provide;
    },
  };
}
