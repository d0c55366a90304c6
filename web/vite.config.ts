import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where `npm start` serves the API; the dev server passes requests on to it. */
const apiAddress = 'http://127.0.0.1:3000';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react(), tailwindcss()],
  build: {
    outDir: fileURLToPath(new URL('../dist/web', import.meta.url)),
    emptyOutDir: true,
    // Every file keeps its own address: the content security policy allows no data: fonts and no inline script.
    assetsInlineLimit: 0,
    // The layout engine (1.4 MB before compression) is loaded only when a layout is asked for.
    chunkSizeWarningLimit: 1_600,
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': apiAddress,
      '/socket.io': { target: apiAddress, ws: true },
    },
  },
});
