// `node tools/make-verdicts.ts`: starts the service in a folder of its own, brings about ten verdicts as they happen, and writes
// docs/verdicts/*.png in Chinese and English. Run by hand when the page changes; tests do not write pictures.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PDFDocument, rgb } from '@cantoo/pdf-lib'
import type { Browser, Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { dropFiles, openBrowser, openPage } from '../test/web/support/browser.ts'
import { changeStatus, fetchLicences, type IssuedLicence, untilListed } from '../test/web/support/licence.ts'
import { startServer } from '../test/web/support/running-server.ts'

const folder = join(packageRoot, 'docs', 'verdicts')
const WEEK_MS = 7 * 24 * 3_600_000
const languages = ['zh', 'en'] as const

interface Shown {
  readonly file?: { readonly name: string; readonly bytes: Uint8Array }
  readonly statement?: string
  readonly clockBehind?: boolean
  readonly offline?: boolean
  /** Opens the comparison of the sealed with the present document. */
  readonly compares?: boolean
  /** The list's age stands in the picture too. */
  readonly whole?: boolean
}

/** The document with a line written over it and saved once more, as an editor of PDF files does. */
async function withLineAdded(pdf: Uint8Array): Promise<Uint8Array> {
  const document = await PDFDocument.load(pdf, { forIncrementalUpdate: true, updateMetadata: false })
  const [page] = document.getPages()
  page!.drawText('Registered capital: 90,000,000', { x: 250, y: 300, size: 22, color: rgb(0.1, 0.1, 0.1) })
  return document.save({ useObjectStreams: false })
}

function withByteChanged(pdf: Uint8Array): Uint8Array {
  const changed = new Uint8Array(pdf)
  const at = Math.floor(changed.length * 0.3)
  changed[at] = changed[at]! ^ 1
  return changed
}

async function unsealed(): Promise<Uint8Array> {
  const document = await PDFDocument.create()
  document.addPage([595, 842]).drawText('Business licence', { x: 180, y: 700, size: 32 })
  return document.save()
}

/** Another letter in the middle of the code, as a forger who changes a digit makes it. */
function withLetterChanged(statement: string): string {
  const at = statement.length - 60
  return statement.slice(0, at) + (statement[at] === 'A' ? 'B' : 'A') + statement.slice(at + 1)
}

async function untilCompared(page: Page): Promise<void> {
  await page.locator('.result button[aria-expanded]').click()
  await page.locator('.compared-drawing canvas').nth(1).waitFor({ timeout: 60_000 })
  await page.locator('.revision-compare[aria-busy="false"]').waitFor({ timeout: 60_000 })
}

async function shoot(browser: Browser, url: string, name: string, shown: Shown): Promise<void> {
  for (const language of languages) {
    const viewport = { width: shown.compares ? 900 : 480, height: 900 }
    const locale = language === 'zh' ? 'zh-CN' : 'en-GB'
    const { page, close } = await openPage(browser, { viewport, locale })
    if (shown.clockBehind) await page.clock.setFixedTime(new Date(Date.now() - WEEK_MS))
    await page.goto(`${url}/verify`)
    await page.locator('.list-age:not(.none)').waitFor()
    if (shown.offline) await page.context().setOffline(true)
    if (shown.file) await dropFiles(page, '.drop', [shown.file])
    if (shown.statement) {
      await page.locator('[aria-controls=statement-form]').click()
      await page.locator('#statement-text').fill(shown.statement)
      await page.locator('.statement-form button').click()
    }
    await page.locator('.verdict').waitFor()
    if (shown.compares) await untilCompared(page)
    const picture = page.locator(shown.whole ? 'main' : '.result').first()
    const path = join(folder, `${name}-${language}.png`)
    writeFileSync(path, await picture.screenshot({ animations: 'disabled', caret: 'hide' }))
    console.log(path)
    await close()
  }
}

mkdirSync(folder, { recursive: true })
const server = await startServer()
const browser = await openBrowser()
try {
  const { url } = server
  const [first, second] = (await fetchLicences(url)) as [IssuedLicence, IssuedLicence]
  const [third] = (await fetchLicences(url, 'transport-issuer', 1)) as [IssuedLicence]
  for (const licence of [first, second, third]) await untilListed(url, licence)
  const file = (bytes: Uint8Array) => ({ name: 'licence.pdf', bytes })
  const take = (name: string, shown: Shown) => shoot(browser, url, name, shown)

  await take('01-genuine', { file: file(first.pdf) })
  await take('02-qr-genuine', { statement: first.statement })
  await take('03-offline', { file: file(first.pdf), offline: true, whole: true })
  await take('04-changed', { file: file(withByteChanged(first.pdf)) })
  await take('05-added-to', { file: file(await withLineAdded(first.pdf)), compares: true })
  await take('06-qr-forged', { statement: withLetterChanged(first.statement) })
  await take('07-not-sealed', { file: file(await unsealed()) })
  await take('08-clock-wrong', { file: file(first.pdf), clockBehind: true })
  await changeStatus(url, 'market-issuer', second.identifier, 'suspensions', '年度抽查')
  await take('09-suspended', { file: file(second.pdf) })
  await changeStatus(url, 'transport-issuer', third.identifier, 'revocations', '经营资质已被取消')
  await take('10-revoked', { file: file(third.pdf) })
} finally {
  await browser.close()
  await server.stop()
}
