import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants } from 'node:zlib'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'

const root = fileURLToPath(new URL('./web', import.meta.url))

const page = (name: string) => fileURLToPath(new URL(`./web/${name}.html`, import.meta.url))

const dist = fileURLToPath(new URL('./web/dist', import.meta.url))

/** Files of the public folder that belong to the verification page. */
const publicFiles = ['favicon.svg', 'verify.webmanifest', 'icons/icon-192.png']

/** Puts the list of the verification page's files into its service worker: what opens it first, what it fetches later. */
const precached: Plugin = {
  name: 'precached',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const all = Object.values(bundle)
    const entry = all.find((file) => file.type === 'chunk' && file.isEntry && file.name === 'verify')
    const worker = all.find((file) => file.type === 'chunk' && file.fileName === 'sw.js')
    if (entry?.type !== 'chunk' || worker?.type !== 'chunk')
      throw new Error('the verification page is not in the build')
    const first = new Set<string>()
    const reached = new Set<string>()
    const walk = (name: string, into: Set<string>) => {
      if (first.has(name) || into.has(name)) return
      into.add(name)
      const file = bundle[name]
      if (file?.type !== 'chunk') return
      for (const asset of [...(file.viteMetadata?.importedCss ?? []), ...(file.viteMetadata?.importedAssets ?? [])])
        walk(asset, into)
      for (const imported of file.imports) walk(imported, into)
      for (const imported of file.dynamicImports) walk(imported, into === first ? reached : into)
    }
    walk(entry.fileName, first)
    // The judging worker is built apart: its own chunks carry its name.
    for (const { fileName } of all) {
      if (fileName.startsWith('assets/check-worker-')) first.add(fileName)
      else if (fileName.startsWith('assets/worker-')) reached.add(fileName)
    }
    // A style that several pages share is linked from the HTML alone.
    const html = bundle['verify.html']
    const linked = html?.type === 'asset' ? String(html.source).matchAll(/(?:href|src)="\/(assets\/[^"]+)"/g) : []
    for (const [, name] of linked) first.add(name!)
    const later = [...reached].filter((name) => !first.has(name)).map((name) => `/${name}`)
    const page = ['/verify', ...[...first, ...publicFiles].map((name) => `/${name}`)]
    const digest = createHash('sha256').update(JSON.stringify([page, later]))
    if (html?.type === 'asset') digest.update(html.source)
    for (const name of publicFiles) digest.update(readFileSync(join(root, 'public', name)))
    const list = { version: digest.digest('hex').slice(0, 16), page: page.sort(), later: later.sort() }
    worker.code = worker.code.replaceAll('__PRECACHE__', () => JSON.stringify(list))
  },
}

/** Puts the ground styles before those of components: the build links a style that all pages share last, where it outweighs them. */
const groundFirst: Plugin = {
  name: 'ground-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const ground = /^ *<link rel="stylesheet"[^>]*\/assets\/base-[^>]*>\n/m.exec(html)?.[0]
      if (ground === undefined) throw new Error('a page has no ground styles')
      return html.replace(ground, '').replace(/^ *<link rel="stylesheet"|^ *<\/head>/m, (next) => ground + next)
    },
  },
}

/** A package looks for Node's cryptography where it finds none of the browser's; here it always does. */
const noNodeCrypto: Plugin = {
  name: 'no-node-crypto',
  enforce: 'pre',
  resolveId: (id) => (id === 'crypto' ? '\0no-node-crypto' : null),
  load: (id) => (id === '\0no-node-crypto' ? 'export const webcrypto = globalThis.crypto' : null),
}

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
  root,
  plugins: [vue(), groundFirst, precached, compressed],
  worker: {
    format: 'es',
    plugins: () => [noNodeCrypto],
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/check-worker-[hash].js',
        chunkFileNames: 'assets/worker-[name]-[hash].js',
      },
    },
  },
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
      input: {
        index: page('index'),
        verify: page('verify'),
        issue: page('issue'),
        seals: page('seals'),
        holder: page('holder'),
        wallet: page('wallet'),
        'not-found': page('not-found'),
        sw: fileURLToPath(new URL('./web/verify/offline/service-worker.ts', import.meta.url)),
      },
      // A service worker rules no more than the folder it lies in, and its address must not change.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
})
