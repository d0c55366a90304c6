#!/usr/bin/env bash
# A vm.Script of Node (20.19.5) loses its `import()` when V8 takes it from `cachedData`.
#
# `importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER` lets the code of a script import modules late, without a flag. Compiled from its
# source it does. The same script with the cache that `createCachedData` gave, taken and not rejected, runs as well, but each `import()` in it
# rejects: "A dynamic import callback was not specified." The option is the same in both. `require` in a function that is handed in works in both.
# Seen on Linux x64:
#
#   compiled: imported, required
#   from the cache, taken: ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING, required
#
# Fails where a version answers otherwise. Needs npm and a registry; no network else.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"private":true}' > package.json
npm install --silent --no-audit --no-fund --save-exact node@20.19.5
cat > main.cjs <<'JS'
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { Script, constants } = require('node:vm');
const source = `(async (require) => [
  await import('node:os').then(() => 'imported', ({ code }) => code),
  require('node:os') && 'required',
].join(', '))`;
const cachedData = existsSync('cache') ? readFileSync('cache') : undefined;
const script = new Script(source, {
  filename: 'script.cjs',
  cachedData,
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
script.runInThisContext()(require).then((answer) => {
  const how = cachedData === undefined ? 'compiled' : `from the cache, ${script.cachedDataRejected ? 'rejected' : 'taken'}`;
  console.log(`${how}: ${answer}`);
  if (cachedData === undefined) writeFileSync('cache', script.createCachedData());
});
JS
run() { node_modules/.bin/node --no-warnings main.cjs; }
seen="$(run)
$(run)"
echo "$seen"
[ "$seen" = "compiled: imported, required
from the cache, taken: ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING, required" ]
