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

/** Small parts that a canvas needs before it shows anything: in one file they take less than half of what each takes by itself. */
const firstIcons =
  /[\\/]lucide-react[\\/].*[\\/]icons[\\/](?:audio-lines|check|chevrons-up-down|circle-check|circle-dashed|circle-stop|copy|file-text|info|loader-circle|play|refresh-cw|rotate-ccw|search|timer|triangle-alert|x)\.m?js$/;

export default defineConfig({
  // Every part finds the others beside itself, wherever the app lives.
  base: './',
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwindcss(), compressedCopies()],
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
