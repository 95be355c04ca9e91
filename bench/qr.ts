// qr.browser: how long the public page takes for a printed QR code without a network, in Chromium with a processor slowed four times.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { build, type Rolldown } from 'vite'
import { demo } from '../bin/commands/demo.ts'
import { readTrustFolder } from '../bin/trust-folder.ts'
import { STATEMENT_FILE } from '../licence-format/index.ts'
import { readSignedPdf } from '../pades/read/index.ts'
import { packageRoot, systemClock } from '../platform/index.ts'
import type { QrMaterial, QrTimes } from './qr-page.ts'
import { type Row, row } from './row.ts'

const CHROMIUM = '/usr/bin/chromium'
const THROTTLE = 4
const TIMES = 50

/** The engine as one script, resolved for a browser as the page's own build does it. */
async function bundle(): Promise<string> {
  const built = (await build({
    configFile: false,
    root: packageRoot,
    logLevel: 'silent',
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(packageRoot, 'bench', 'qr-page.ts'), formats: ['iife'], name: 'qr' },
    },
  })) as Rolldown.RolldownOutput[]
  return built[0]!.output[0].code
}

function statementIn(path: string): string | undefined {
  const pdf = readSignedPdf(new Uint8Array(readFileSync(path)))
  const embedded = pdf.ok ? pdf.embeddedFiles() : undefined
  const file = embedded?.ok ? embedded.files.find(({ name }) => name === STATEMENT_FILE) : undefined
  return file && new TextDecoder().decode(file.bytes).trim()
}

async function gather(): Promise<QrMaterial> {
  const folder = mkdtempSync(join(tmpdir(), 'zhengyin-bench-'))
  try {
    await demo({ out: folder }, () => {})
    const { anchors, crls, trustList, statusLists } = await readTrustFolder(join(folder, 'trust'))
    const base64 = (der: Uint8Array) => Buffer.from(der).toString('base64')
    const documents = readdirSync(folder).filter((name) => name.endsWith('.pdf'))
    return {
      anchors: anchors.map(base64),
      crls: crls.map(base64),
      trustList: trustList as string,
      statusLists: [...statusLists],
      statements: documents.map((name) => statementIn(join(folder, name))).filter((text) => text !== undefined),
      now: systemClock.now().toISOString(),
      times: TIMES,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** WebCrypto is there for secure pages only, which an address of the loopback is. */
async function inChromium(script: string, material: QrMaterial): Promise<QrTimes> {
  const server = createServer((request, response) => {
    const isScript = request.url === '/qr.js'
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html')
    response.end(isScript ? script : '<!doctype html><title>qr</title><script src="/qr.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    const session = await page.context().newCDPSession(page)
    await session.send('Emulation.setCPUThrottlingRate', { rate: THROTTLE })
    return await page.evaluate(
      (given) => (globalThis as unknown as { measureQr(given: QrMaterial): Promise<QrTimes> }).measureQr(given),
      material,
    )
  } finally {
    await browser.close()
    server.close()
  }
}

/** `qr.browser`. The goal is a median below 20 ms. */
export async function* rows(): AsyncIterable<Row> {
  if (!existsSync(CHROMIUM)) {
    console.error(`qr.browser: skipped, ${CHROMIUM} is not there`)
    return
  }
  const material = await gather()
  const { firstMs, eachMs, verdicts } = await inChromium(await bundle(), material)
  if (verdicts.some((verdict) => verdict !== 'accepted')) throw new Error('not every QR code was accepted')
  const sorted = [...eachMs].sort((a, b) => a - b)
  const at = (part: number) => (sorted[Math.floor(sorted.length * part)] as number).toFixed(1)
  const note =
    `offline: statement, issuer, key, path with revocation, status list; Chromium on the page's thread, processor throttled ${THROTTLE}×, ` +
    `median of ${TIMES} over ${material.statements.length} licences; 95th percentile ${at(0.95)} ms; the very first, lists unread, ${firstMs.toFixed(0)} ms`
  yield row('qr.browser', sorted[sorted.length >> 1] as number, 'ms', note)
}
