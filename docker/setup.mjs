import { join } from 'node:path';
import { isWellKnown, newSecret, readSecret, weaknessOf, writeSecret } from './secrets.mjs';

/*
 * `node docker/setup.mjs`: makes the secrets of an installation, each as a file
 * in a volume that only its users see. It runs before everything else at every
 * `docker compose up`: what is missing is generated, what the operator chose is
 * taken over, what is there stays. Chosen passwords that everybody knows are
 * refused. No secret is ever printed.
 *
 *   heddle/    what server, worker and migrate read by <NAME>_FILE
 *   postgres/  password
 *   redis/     redis.conf with the password, and the password for the health check
 *   s3/        the keys of the S3 server of the profile "s3"
 *   grafana/   password of the profile "observability"
 */

const root = process.env.SECRETS_DIR ?? '/secrets';
const folder = (name) => join(root, name);
const given = (name) => process.env[name] || undefined;
/** Other programs run as users of their own; each volume is mounted into one service only. */
const forOneService = 0o444;

const problems = [];
const generated = [];

/** A secret that this installation makes for itself, once. */
function own(place, name, mode) {
  const known = readSecret(folder(place), name);
  const value = known ?? newSecret();
  if (known === undefined) {
    writeSecret(folder(place), name, value, mode);
    generated.push(`${place}/${name}`);
  }
  return value;
}

/** A password that the operator may choose; otherwise one of our own. */
function chosen(variable, place, name) {
  const value = given(variable);
  if (value === undefined) return own(place, name);
  const weakness = weaknessOf(value);
  if (weakness !== null) problems.push(`${variable} ${weakness}. Choose another, or leave it out to get a good one.`);
  else writeSecret(folder(place), name, value);
  return value;
}

/** What the operator gives or does not give: an empty file counts as not set. */
function passOn(variable, standard = '') {
  writeSecret(folder('heddle'), fileNameOf(variable), given(variable) ?? standard);
}

function fileNameOf(variable) {
  return variable.toLowerCase().replaceAll('_', '-');
}

/** The address of a service: the operator's, whose password must not be a well-known one, or that of our own container. */
function address(variable, standard) {
  const value = given(variable);
  const password = value !== undefined && URL.canParse(value) ? decodeURIComponent(new URL(value).password) : '';
  // A service without a password may be guarded by its network; that is the operator's to know.
  if (password !== '' && isWellKnown(password)) {
    problems.push(`The password in ${variable} is one that everybody tries first. Change it there and here.`);
  }
  writeSecret(folder('heddle'), fileNameOf(variable), value ?? standard);
}

const databasePassword = own('postgres', 'password', forOneService);
const redisPassword = own('redis', 'password', forOneService);
writeSecret(folder('redis'), 'redis.conf', `requirepass ${redisPassword}\n`, forOneService);
address('DATABASE_URL', `postgres://heddle:${databasePassword}@postgres:5432/heddle`);
passOn('DATABASE_DIRECT_URL');
address('REDIS_URL', `redis://:${redisPassword}@redis:6379`);

// The S3 server of the profile "s3" gets keys of its own; any other has those that the operator was given.
const s3Keys = { accessKeyId: own('s3', 'access-key', forOneService), secret: own('s3', 'secret-key', forOneService) };
const isOwnS3 = /[?&]endpoint=http:\/\/s3:/.test(decodeURIComponent(given('ASSETS_URL') ?? ''));
passOn('ASSETS_ACCESS_KEY_ID', isOwnS3 ? s3Keys.accessKeyId : '');
passOn('ASSETS_SECRET_ACCESS_KEY', isOwnS3 ? s3Keys.secret : '');

chosen('BOOTSTRAP_PASSWORD', 'heddle', 'bootstrap-password');
// Without it the keys that users keep here cannot be read any more: it belongs into every backup of the secrets.
chosen('SECRETS_KEY', 'heddle', 'secrets-key');
passOn('SECRETS_KEY_OLD');
own('grafana', 'password', forOneService);
for (const name of ['BOOTSTRAP_API_KEY', 'GEMINI_API_KEY', 'OPENAI_API_KEY']) passOn(name);
for (const name of ['CLERK_SECRET_KEY', 'CLERK_JWT_KEY', 'CLERK_WEBHOOK_SECRET', 'OIDC_PROVIDERS']) passOn(name);

if (problems.length > 0) {
  process.stderr.write(`heddle setup: ${problems.join('\n              ')}\n`);
  process.exit(1);
}
const what = generated.length === 0 ? 'the secrets are in place' : `generated ${generated.join(', ')}`;
process.stdout.write(
  `heddle setup: ${what}.\n` +
    `              Sign in as ${given('BOOTSTRAP_EMAIL') ?? 'the owner'}; read the first password with\n` +
    '              docker compose exec server cat /secrets/heddle/bootstrap-password\n',
);
