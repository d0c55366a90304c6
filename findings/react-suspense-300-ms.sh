#!/usr/bin/env bash
# React (react-dom 19.3.1) shows a lazy component about 300 ms after its fallback, however soon it has loaded.
#
# A page has two `lazy` components, each in a `Suspense` with a fallback. One has loaded 20 ms after the first render, the
# other after 60. A good guess is that each takes the place of its fallback once it is there. Both stay away until 300 ms
# after the fallbacks were shown, and then appear in one commit; nothing in between changes the document. So a chunk that
# comes from the cache of the browser costs as long as one from a slow server, unless it is loaded before it is rendered.
# Seen on Linux x64 with Node 20:
#
#   first commit: wait, wait
#   loaded: near after 20 ms, far after 60 ms
#   second and last commit: near, far; at least 250 ms after the first
#
# Fails where a version answers otherwise. Needs npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact react@19.3.1 react-dom@19.3.1 jsdom@26.1.0
cat > try.mjs <<'JS'
import { JSDOM } from 'jsdom';
const { window } = new JSDOM('<div id="root"></div>', { pretendToBeVisual: true });
Object.assign(globalThis, { window, document: window.document });
const { createElement, lazy, Suspense } = await import('react');
const { createRoot } = await import('react-dom/client');
const after = (name, ms) =>
  lazy(() => new Promise((load) => setTimeout(() => load({ default: () => createElement('p', null, name) }), ms)));
const [Near, Far] = [after('near', 20), after('far', 60)];
const part = (Part) => createElement(Suspense, { fallback: createElement('i', null, 'wait') }, createElement(Part));
const root = window.document.getElementById('root');
const commits = [];
new window.MutationObserver(() => {
  // What is hidden is not shown.
  const shown = [...root.querySelectorAll('i, p')].filter(({ style }) => style.display !== 'none');
  commits.push({ at: performance.now(), text: shown.map(({ textContent }) => textContent).join(', ') });
}).observe(root, { childList: true, subtree: true });
createRoot(root).render(createElement('div', null, part(Near), part(Far)));
await new Promise((resolve) => setTimeout(resolve, 1_500));
const [first, last] = commits;
const waited = last.at - first.at;
console.log(`${commits.length} commits: "${first.text}", then "${last.text}" ${Math.round(waited)} ms later`);
const isAsSeen = commits.length === 2 && first.text === 'wait, wait' && last.text === 'near, far' && waited >= 250;
process.exit(isAsSeen ? 0 : 1);
JS
NODE_ENV=production node try.mjs
