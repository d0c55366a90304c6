import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Where `npm start` serves the API; the dev server passes requests on to it. */
const apiAddress = 'http://127.0.0.1:3000';

/** Smaller files gain next to nothing by it; of the many between this and 1 KB it takes more than a third. */
const compressFromBytes = 300;

/** Puts a compressed copy beside each script and style sheet, so that the server has none of that work. */
function compressedCopies(): Plugin {
  return {
    name: 'compressed-copies',
    apply: 'build',
    writeBundle: ({ dir = '' }) => {
      for (const name of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|html)$/.test(name)) continue;
        const content = readFileSync(join(dir, name));
        if (content.length < compressFromBytes) continue;
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: constants.Z_BEST_COMPRESSION }));
      }
    },
  };
}

/** Files of libraries that no page calls, though what pages call names them; and what their functions do instead. */
const unusedFiles = [
  {
    // Every schema of zod could turn itself into a JSON schema; only the server asks that of them.
    file: /[\\/]zod[\\/]v4[\\/]core[\\/](?:json-schema-processors|to-json-schema)\.js$/,
    body: 'throw new Error("Pages are built without what makes JSON schemas of zod schemas: see web/vite.config.ts.")',
  },
  // Transitions ask of what they change whether it is a color; those of the canvas change places and sizes.
  { file: /[\\/]d3-color[\\/]dist[\\/]d3-color\.mjs$/, body: 'return null' },
];

/** Leaves them out: ten kilobytes of what a canvas needs before it shows anything. */
function withoutUnused(): Plugin {
  const missing = new Set(unusedFiles);
  return {
    name: 'without-unused',
    apply: 'build',
    transform(code, id) {
      const unused = unusedFiles.find(({ file }) => file.test(id));
      if (unused === undefined) return null;
      missing.delete(unused);
      const names = this.parse(code).body.flatMap((statement) => {
        if (statement.type !== 'ExportNamedDeclaration') return [];
        const { declaration, specifiers } = statement;
        const named = declaration === null ? specifiers.map(({ exported }) => exported) : [];
        const declared = declaration?.type === 'VariableDeclaration' ? declaration.declarations : [declaration];
        return [...named, ...declared.map((each) => (each !== null && 'id' in each ? each.id : null))].flatMap((id) =>
          id?.type === 'Identifier' ? [id.name] : [],
        );
      });
      const exported = names.map((name) => `absent as ${name}`).join(', ');
      return { code: `function absent() { ${unused.body} }\nexport { ${exported} };`, map: null };
    },
    buildEnd(error) {
      // A new version of the library may have put it elsewhere.
      if (error === undefined && missing.size > 0) {
        this.error(`Not found: ${[...missing].map(({ file }) => file.source).join(', ')}`);
      }
    },
  };
}

/** Small parts that a canvas needs before it shows anything: in one file they take less than half of what each takes by itself. */
const firstIcons =
  /[\\/]lucide-react[\\/].*[\\/]icons[\\/](?:audio-lines|check|chevrons-up-down|circle-check|circle-dashed|circle-stop|copy|diff|file-text|info|loader-circle|play|refresh-cw|rotate-ccw|search|timer|triangle-alert|triangle-exclamation-point|x)\.m?js$/;

export default defineConfig({
  // Every part finds the others beside itself, wherever the app lives.
  base: './',
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwindcss(), withoutUnused(), compressedCopies()],
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    // Every file keeps its own address: the content security policy allows no data: fonts and no inline script.
    assetsInlineLimit: 0,
    // The layout engine (1.4 MB before compression) is loaded only when a layout is asked for.
    chunkSizeWarningLimit: 1_600,
    rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'first-icons', test: firstIcons }] } } },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': apiAddress,
      '/hooks': apiAddress,
      '/socket.io': { target: apiAddress, ws: true },
    },
  },
});
