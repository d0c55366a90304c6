/*
 * A small S3 server that takes the settings of the one that docker-compose.yml
 * names, and knows no keys but those that it is given.
 */
const { readFileSync } = require('node:fs');
const S3rver = require('s3rver');
const { DUMMY_ACCOUNT } = require('s3rver/lib/models/account');

const secret = (name) => readFileSync(process.env[`${name}_FILE`], 'utf8').trim();
DUMMY_ACCOUNT.revokeAccessKey('S3RVER');
DUMMY_ACCOUNT.createKeyPair(secret('RUSTFS_ACCESS_KEY'), secret('RUSTFS_SECRET_KEY'));

const [address, port] = process.env.RUSTFS_ADDRESS.split(':');
const server = new S3rver({
  address,
  port: Number(port),
  directory: process.env.RUSTFS_VOLUMES,
  // By path: the name of the service is no bucket.
  vhostBuckets: false,
  silent: true,
});
server.run((error) => {
  if (error) throw error;
});
process.on('SIGTERM', () => process.exit(0));
