import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const page = (name: string) => fileURLToPath(new URL(`./web/${name}.html`, import.meta.url))

const dist = fileURLToPath(new URL('./web/dist', import.meta.url))

/** Writes a brotli copy beside every script, style and module: the server sends it to whoever takes it. */
const compressed: Plugin = {
  name: 'compressed',
  apply: 'build',
  closeBundle() {
    for (const name of readdirSync(join(dist, 'assets')).filter((name) => /\.(js|mjs|css|svg|wasm)$/.test(name))) {
      const path = join(dist, 'assets', name)
      const bytes = readFileSync(path)
      const small = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } })
      if (small.length < bytes.length) writeFileSync(`${path}.br`, small)
    }
  },
}

// The pages run under a strict Content-Security-Policy: nothing may be inlined, neither scripts nor `data:` images.
export default defineConfig({
  root: fileURLToPath(new URL('./web', import.meta.url)),
  plugins: [vue(), compressed],
  define: { __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // pdf.js is one lazily loaded file of its own; everything else stays far below the limit.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // A busy machine is no fault of a plug-in.
      checks: { bundlerTimings: false },
      input: { index: page('index'), verify: page('verify'), issue: page('issue'), holder: page('holder') },
    },
  },
})
