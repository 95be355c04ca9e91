// `node tools/make-icons.ts`: draws web/public/icons/*.png from our own favicon.svg with Chromium. Run by hand when the mark changes.
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../platform/package-root.ts'
import { openBrowser } from '../test/web/support/browser.ts'

const folder = join(packageRoot, 'web', 'public', 'icons')
const mark = readFileSync(join(packageRoot, 'web', 'public', 'favicon.svg'), 'utf8')

/** A maskable icon may be cut to a circle of 80 % of its width, so its ground runs to the edge and its mark is smaller. */
const icons = [
  { name: 'icon-192', size: 192, part: 1 },
  { name: 'icon-512', size: 512, part: 1 },
  { name: 'icon-maskable-512', size: 512, part: 0.72 },
]

mkdirSync(folder, { recursive: true })
const browser = await openBrowser()
try {
  for (const { name, size, part } of icons) {
    const page = await browser.newPage({ viewport: { width: size, height: size } })
    const ground = part < 1 ? '#a8281c' : 'transparent'
    const inner = Math.round(size * part)
    const svg = mark.replace('<svg ', `<svg width="${inner}" height="${inner}" `)
    await page.setContent(
      `<body style="margin:0;height:100vh;display:grid;place-items:center;background:${ground}">${svg}</body>`,
    )
    await page.screenshot({ path: join(folder, `${name}.png`), omitBackground: true })
    console.log(`web/public/icons/${name}.png`)
    await page.close()
  }
} finally {
  await browser.close()
}
