/*
 * `node docker/health.mjs server|worker`: ends with 0 while the program in this
 * container can do its work. The server is asked on its own port, a worker on
 * the port of its metrics.
 */
const [role = 'server'] = process.argv.slice(2);
const port = role === 'worker' ? process.env.METRICS_PORT : process.env.PORT;

/** Below the timeout of the container's health check, so that the reason is printed. */
const timeoutMs = 4_000;

try {
  const answer = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!answer.ok) fail(`${answer.status} ${await answer.text()}`);
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}

function fail(reason) {
  process.stderr.write(`${role} is not ready: ${reason}\n`);
  process.exit(1);
}
