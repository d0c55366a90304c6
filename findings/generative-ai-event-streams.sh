#!/usr/bin/env bash
# @google/generative-ai 0.24.1 reads one form of an event stream only.
#
# The standard for text/event-stream (WHATWG HTML, 9.2) lets a stream have comments, ids, blank lines anywhere and no
# blank line at its end. The SDK takes `data: ` at the very beginning of what is left over and a blank line behind it, and
# fails with every other form. Seen on Node.js 20.20.2:
#
#   plain: "Hello world"
#   comment first: [GoogleGenerativeAI Error]: Failed to parse stream
#   id field: [GoogleGenerativeAI Error]: Failed to parse stream
#   extra blank line: [GoogleGenerativeAI Error]: Failed to parse stream
#   no blank line at the end: [GoogleGenerativeAI Error]: Failed to parse stream
#
# Fails where a version answers otherwise. Needs npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact @google/generative-ai@0.24.1
cat > try.mjs <<'JS'
import { GoogleGenerativeAI } from '@google/generative-ai';
const event = (text, finishReason) =>
  `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, finishReason }] })}`;
const [first, last] = [event('Hello'), event(' world', 'STOP')];
const forms = {
  plain: `${first}\n\n${last}\n\n`,
  'comment first': `: ok\n\n${first}\n\n${last}\n\n`,
  'id field': `id: 0\n${first}\n\nid: 1\n${last}\n\n`,
  'extra blank line': `${first}\n\n\n${last}\n\n\n`,
  'no blank line at the end': `${first}\n\n${last}`,
};
let failures = 0;
for (const [name, body] of Object.entries(forms)) {
  globalThis.fetch = async () => new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  let seen = '';
  try {
    const model = new GoogleGenerativeAI('key').getGenerativeModel({ model: 'gemini-x' });
    const { stream, response } = await model.generateContentStream('Say hello');
    response.catch(() => undefined);
    for await (const chunk of stream) seen += chunk.text();
    seen = JSON.stringify(seen);
  } catch (error) {
    seen = error.message;
  }
  console.log(`${name}: ${seen}`);
  if ((seen === '"Hello world"') !== (name === 'plain')) failures += 1;
}
process.exit(failures);
JS
node try.mjs
