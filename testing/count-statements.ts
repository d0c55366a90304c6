import pg from 'pg';

export interface StatementCount {
  /** Texts of the statements that were sent since it was asked last, in order. */
  take(): readonly string[];
  stop(): void;
}

type Sent = string | { readonly text?: unknown };

/** Sees each statement that this process sends over connections of that application name, which are opened from now on. */
export function countStatements(applicationName: string): StatementCount {
  let texts: string[] = [];
  const prototype = pg.Client.prototype as unknown as { query: (sent: Sent, ...rest: unknown[]) => unknown };
  const { query } = prototype;
  prototype.query = function (this: { connectionParameters: { application_name?: string } }, sent, ...rest) {
    if (this.connectionParameters.application_name === applicationName) {
      texts.push(typeof sent === 'string' ? sent : String(sent.text));
    }
    return query.call(this, sent, ...rest);
  };
  return {
    take: () => {
      const taken = texts;
      texts = [];
      return taken;
    },
    stop: () => {
      prototype.query = query;
    },
  };
}
