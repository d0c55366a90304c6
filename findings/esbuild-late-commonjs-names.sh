#!/usr/bin/env bash
# esbuild (0.28.2) gives `await import('a CommonJS package')` no names but `default` where the bundle is split.
#
# Node 20 finds the names of a CommonJS package when it is imported: `const { add } = await import('sums')` works. Bundled as one ES module
# it works as well, for esbuild copies the names then. With `--splitting` the package becomes a chunk of its own, which exports its whole as
# `default` and nothing else, and the import is left as it is: `add` is undefined, without a word at build time. What has no
# names until it is called shows only then. A module of two lines between the two, `import * as all from 'sums'; export const { add } = all`, mends it.
# Seen on Linux x64, Node 20.20:
#
#   node: function
#   bundled: function
#   split: undefined, default has function
#   split, with names: function
#
# Fails where a version answers otherwise. Needs npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true,"type":"module"}' > package.json
npm install --silent --no-audit --no-fund --save-exact esbuild@0.28.2
mkdir -p node_modules/sums
echo '{"name":"sums","version":"1.0.0","main":"index.js"}' > node_modules/sums/package.json
echo "exports.add = (a, b) => a + b;" > node_modules/sums/index.js
echo "const sums = await import('sums'); console.log(typeof sums.add + (sums.add ? '' : ', default has ' + typeof sums.default.add));" > main.js
echo "export {}; import * as all from 'sums'; export const { add } = all;" > named.js
sed "s/import('sums')/import('.\/named.js')/" main.js > through.js
bundle() { npx esbuild "$1" --bundle --format=esm --platform=node --log-level=error --outdir="$2" "${@:3}"; }
bundle main.js whole
bundle main.js split --splitting
bundle through.js through --splitting
seen="node: $(node main.js)
bundled: $(node whole/main.js)
split: $(node split/main.js)
split, with names: $(node through/through.js)"
echo "$seen"
[ "$seen" = "node: function
bundled: function
split: undefined, default has function
split, with names: function" ]
