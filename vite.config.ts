import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const page = (name: string) => fileURLToPath(new URL(`./web/${name}.html`, import.meta.url))

// The pages run under a strict Content-Security-Policy: nothing may be inlined, neither scripts nor `data:` images.
export default defineConfig({
  root: fileURLToPath(new URL('./web', import.meta.url)),
  plugins: [vue()],
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
