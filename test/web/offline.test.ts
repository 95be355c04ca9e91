import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PDFDocument } from '@cantoo/pdf-lib'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { packageRoot } from '../../platform/package-root.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing } from '../support/tools.ts'
import { createCaller, logInTo } from './support/api.ts'
import {
  accessibilityFaults,
  chromiumPath,
  dropFiles,
  openBrowser,
  openPage,
  overflowOf,
  type WatchedPage,
} from './support/browser.ts'
import { renderPhoto } from './support/camera.ts'
import { fetchLicences, type IssuedLicence, untilListed } from './support/licence.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const WEEK_MS = 7 * 24 * 3_600_000
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }

// One story, told in order: a device that has been online, then the server is gone.
describe.skipIf(isMissing(chromiumPath, 'pdftoppm'))('the verification page without a network', () => {
  const folder = temporaryFolder()
  const licencePath = join(folder, 'licence.pdf')
  let server: RunningServer
  let browser: Browser
  let licence: Buffer
  let statement: string
  let otherStatement: string
  let device: WatchedPage
  const watched: WatchedPage[] = []
  let isBroken = false

  const open = async (options: BrowserContextOptions = {}): Promise<WatchedPage> => {
    const opened = await openPage(browser, options)
    watched.push(opened)
    return opened
  }
  const check = async (page: Page, bytes: Uint8Array, name = 'licence.pdf') => {
    const before = await page.locator('.verdict').count()
    await dropFiles(page, '.drop', [{ name, bytes }])
    await page.waitForFunction((count) => document.querySelectorAll('.verdict').length > count, before)
    return page.locator('.verdict').first()
  }

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
    const [issued, other] = (await fetchLicences(server.url)) as [IssuedLicence, IssuedLicence]
    otherStatement = other.statement
    await untilListed(server.url, issued)
    licence = issued.pdf
    statement = issued.statement
    writeFileSync(licencePath, licence)
  }, 180_000)
  beforeEach(({ skip }) => skip(isBroken))
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('loads less than 200 KB before a file is chosen, the part that judges less than 250 KB', async () => {
    device = await open()
    const { page } = device
    const sizes = new Map<string, Promise<number>>()
    page.on('requestfinished', (request) => {
      sizes.set(
        new URL(request.url()).pathname,
        request.sizes().then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
      )
    })
    await page.goto(`${server.url}/verify`)
    await page.locator('.list-age.fresh').waitFor()
    const measured = await Promise.all(sizes.values())
    const worker = readFileSync(join(packageRoot, 'web', 'dist', 'assets', await nameOfWorker(page)))
    expect(measured.length).toBeGreaterThan(5)
    const total = measured.reduce((sum, size) => sum + size, 0) + worker.length
    expect(total).toBeLessThan(200 * 1024)
    expect(worker.length).toBeLessThan(250 * 1024)
  })

  it('says how old its lists are, and when it is ready to work alone', async () => {
    const { page } = device
    expect(await page.locator('.list-age').textContent()).toMatch(/核验名单：.*(刚刚|分钟前)取得/)
    await page.getByText('断网也能用').waitFor()
  })

  it('never sends the file, and asks the register by the identifier alone', async () => {
    const { page } = device
    const sent: string[] = []
    page.context().on('request', (request) => {
      if (request.method() !== 'GET') sent.push(`${request.method()} ${request.url()}`)
      if (request.url().includes('/api/')) sent.push(new URL(request.url()).pathname)
    })
    const verdict = await check(page, licence)
    expect(await verdict.getAttribute('class')).toContain('genuine')
    expect(sent).toHaveLength(1)
    expect(sent[0]).toMatch(/^\/api\/licences\/1\.2\.156\.3005\.2\.[^/]+\/status$/)
    sent.length = 0
    await page.getByLabel(/也问登记系统/).uncheck()
    await check(page, licence, 'again.pdf')
    expect(sent).toEqual([])
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('tells that the register would not answer, and judges by the lists', async () => {
    const { page } = await open(phone)
    await page.context().route('**/api/licences/**', (route) =>
      route.fulfill({
        status: 429,
        contentType: 'application/problem+json',
        body: JSON.stringify({ status: 429, title: 'Too many requests', code: 'RATE_LIMITED' }),
      }),
    )
    await page.goto(`${server.url}/verify`)
    const verdict = await check(page, licence)
    expect(await verdict.getAttribute('class')).toContain('genuine')
    expect(await verdict.innerText()).toContain('请求太频繁')
    await page.context().close()
  })

  it('shows for what, for whom and until when a copy is, and asks the register about the copy', async () => {
    const call = createCaller(server.url)
    const [{ identifier }] = (await fetchLicences(server.url)) as [IssuedLicence]
    const expiresAt = new Date(Date.now() + 30 * 86_400_000).toISOString()
    const order = {
      identifier,
      purpose: '办理食品经营许可',
      recipient: { name: '云汀市民政局' },
      expiresAt,
      fields: [],
    }
    const { copyId, links } = await call<{ copyId: string; links: { document: string } }>(
      ...(['market-issuer', 'POST', '/api/copies', order] as const),
    )
    const cookie = await logInTo(server.url, 'market-issuer')
    const bytes = Buffer.from(await (await fetch(links.document, { headers: { cookie } })).arrayBuffer())
    const [text] = /HTTPS:\/\/\S+\/Q\/[A-Z2-7]+/.exec(bytes.toString('latin1'))!
    await untilListed(server.url, { statement: text! })
    const { page } = await open(phone)
    const asked: string[] = []
    page.on('request', (request) => {
      if (request.url().includes('/api/')) asked.push(new URL(request.url()).pathname)
    })
    await page.goto(`${server.url}/verify`)
    const genuine = await check(page, bytes, 'copy.pdf')
    expect(await genuine.locator('.verdict-word').textContent()).toBe('加注件，真实有效')
    const facts = await genuine.locator('.verdict-facts').innerText()
    expect(facts).toMatch(/加注件用途\s*办理食品经营许可\s*加注件接收方\s*云汀市民政局\s*加注件有效至\s*20\d\d/)
    expect(await genuine.locator('.verdict-sentence').first().textContent()).toContain(
      '仅供云汀市民政局用于：办理食品经营许可',
    )
    expect(asked).toEqual([`/api/licences/${identifier}/copies/${copyId}/status`])
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
    await call('market-issuer', 'POST', `/api/copies/${copyId}/revocations`, { reason: '用途已办结' })
    const revoked = await check(page, bytes, 'copy-again.pdf')
    expect(await revoked.locator('.verdict-word').textContent()).toBe('真实，但已吊销')
    expect(await revoked.locator('.verdict-facts').innerText()).toContain('办理食品经营许可')
    expect(await (await check(page, licence)).getAttribute('class')).toContain('genuine')
  })

  it('compares a scanned code with a file, in either order, and asks about a day of the past', async () => {
    const { page } = await open(phone)
    await page.goto(`${server.url}/verify`)
    const enter = async (text: string) => {
      await page.getByRole('button', { name: '输入二维码文字' }).click()
      await page.getByLabel('二维码文字', { exact: true }).fill(text)
      await page.getByRole('button', { name: '查验', exact: true }).click()
    }
    await page.getByText('还要问别的').click()
    await page.getByLabel(/二维码与 PDF 文件对照/).check()
    await dropFiles(page, '.drop', [{ name: 'licence.pdf', bytes: licence }])
    await page.getByText(/现在请扫描证照上的二维码/).waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    await enter(statement)
    await page.locator('.verdict.genuine').waitFor()
    expect(await page.locator('.verdict').first().textContent()).toContain('一起扫描的二维码')
    await enter(otherStatement)
    await page.getByText(/现在请放入证照的 PDF/).waitFor()
    await dropFiles(page, '.drop', [{ name: 'licence.pdf', bytes: licence }])
    await page.locator('.verdict.forged').waitFor()
    await page.getByLabel(/二维码与 PDF 文件对照/).uncheck()
    await page.getByLabel('查它在过去某一天是否有效').fill('2020-01-01')
    const then = await check(page, licence)
    expect(await then.textContent()).toContain('尚未颁发')
    expect(await then.textContent()).toContain('2020')
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
  })

  it('asks before it sends anything where the browser cannot verify, as on a page without https', async () => {
    const { page } = await open(phone)
    await page.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }))
    await page.goto(`${server.url}/verify`)
    await page.locator('.list-age.insecure').waitFor()
    await dropFiles(page, '.drop', [{ name: 'licence.pdf', bytes: licence }])
    const act = page.getByRole('button', { name: '传到服务器核验' })
    await act.waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
    expect(await page.locator('.verdict').count()).toBe(0)
    await act.click()
    await page.locator('.verdict.genuine').waitFor()
  })

  it('shows the sealed document beside the one that was changed after sealing, with the place marked', async () => {
    const document = await PDFDocument.load(licence, { forIncrementalUpdate: true, updateMetadata: false })
    document.getPages()[0]!.drawText('90,000,000', { x: 250, y: 300, size: 22 })
    const { page } = await open()
    await page.goto(`${server.url}/verify`)
    const verdict = await check(page, await document.save({ useObjectStreams: false }))
    expect(await verdict.getAttribute('class')).toContain('forged')
    await page.getByRole('button', { name: '看看盖章后改了什么' }).click()
    await page.locator('.compared-drawing canvas').nth(1).waitFor()
    expect(await page.locator('.change-mark').count()).toBe(2)
    expect(await page.locator('.change-list').textContent()).toContain('不允许')
    const [before, after] = await page
      .locator('.compared-drawing canvas')
      .evaluateAll((canvases) => (canvases as HTMLCanvasElement[]).map((canvas) => canvas.toDataURL()))
    expect(before).not.toBe(after)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('is a page that can be installed', async () => {
    const manifest = (await (await fetch(`${server.url}/verify.webmanifest`)).json()) as {
      readonly start_url: string
      readonly icons: readonly { readonly src: string; readonly sizes: string }[]
    }
    expect(manifest.start_url).toBe('/verify')
    for (const { src, sizes } of manifest.icons) {
      const answer = await fetch(server.url + src)
      expect(answer.status).toBe(200)
      if (!src.endsWith('.png')) continue
      const png = Buffer.from(await answer.arrayBuffer())
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`).toBe(sizes)
    }
  })

  it('stops a check at once when asked to, and does it after all when asked again', async () => {
    const { page } = device
    await page.getByRole('button', { name: '清空结果' }).click()
    const large = Buffer.concat([licence, Buffer.alloc(40 << 20, '% nothing at all\n')])
    // The button is there as long as the check is; pressed in the page as it appears, so that no check is too fast for it.
    await page.evaluate(() => {
      const watcher = new MutationObserver(() => {
        const stop = [...document.querySelectorAll('button')].find(({ textContent }) => textContent?.includes('停止'))
        if (!stop) return
        watcher.disconnect()
        stop.click()
      })
      watcher.observe(document.body, { childList: true, subtree: true })
    })
    await dropFiles(page, '.drop', [{ name: 'large.pdf', bytes: large.subarray(0, 6 << 20) }])
    await page.getByText('已停止查验').waitFor()
    expect(await page.locator('.verdict').count()).toBe(0)
    await page.getByRole('button', { name: '再试一次' }).click()
    await page.locator('.verdict').waitFor()
  })

  it('says so where the reader of QR codes cannot be fetched, and fetches it at the next try', async () => {
    const { page, close } = await openPage(browser, { serviceWorkers: 'block' })
    await page.route('**/*.wasm', (route) => route.abort())
    await page.goto(`${server.url}/verify`)
    const photo = renderPhoto(licencePath, 150, folder)
    await page.locator('input[accept="image/*"]').setInputFiles(photo)
    await page.getByText('扫码所需的文件还没有下载').waitFor()
    await page.unroute('**/*.wasm')
    await page.locator('input[accept="image/*"]').setInputFiles(photo)
    await page.locator('.verdict').waitFor()
    await close()
  })

  it('verifies a PDF and a printed QR with the server gone and the page opened anew, and names the age of its lists', async () => {
    const { page } = device
    await page.context().setOffline(true)
    await server.stop()
    await page.goto(`${server.url}/verify`)
    await page.getByText('现在没有网络').waitFor()
    const verdict = await check(page, licence)
    expect(await verdict.getAttribute('class')).toContain('genuine')
    await page.locator('input[accept="image/*"]').setInputFiles(renderPhoto(licencePath, 150, folder))
    await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2)
    expect(await page.locator('.verdict').first().getAttribute('class')).toContain('genuine')
    expect(await page.locator('.compare').textContent()).toContain('持证主体')
    expect(await page.locator('.list-age').textContent()).toMatch(/刚刚|分钟前/)
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('opens the address of a scanned QR without a network too', async () => {
    const { page } = device
    await page.goto(server.url + new URL(statement).pathname)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.compare').textContent()).toContain('持证主体')
  })

  it('takes a code from a scanner that plays keyboard, and shows it large at the counter', async () => {
    const { page } = device
    await page.goto(`${server.url}/verify`)
    await page.locator('h1').click()
    // All in one task: however busy the machine is, no pause comes between two keys.
    await page.evaluate(
      (keys) => {
        for (const key of keys) document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
      },
      [...statement, 'Enter'],
    )
    await page.locator('.verdict').waitFor()
    await page.goto(`${server.url}/verify#counter`)
    await page.locator('#scanner-field').waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('scanner-field')
    await page.keyboard.press('Control+A')
    await page.keyboard.insertText(statement)
    await page.keyboard.press('Enter')
    await page.locator('.counter-verdict.genuine').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: '关闭声音' }).click()
    await page.getByRole('button', { name: '打开声音' }).waitFor()
    await page.emulateMedia({ media: 'print' })
    await page.evaluate(() => document.body.classList.add('printing-slip'))
    expect(await page.locator('.slip').isVisible()).toBe(true)
    expect(await page.locator('.counter-bar').isVisible()).toBe(false)
    await page.evaluate(() => document.body.classList.remove('printing-slip'))
    await page.emulateMedia({ media: 'screen' })
    await page.setViewportSize(phone.viewport)
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  })

  it('judges nothing with the clock set back by a week', async () => {
    const { page } = device
    await page.setViewportSize({ width: 1280, height: 860 })
    await page.clock.setFixedTime(new Date(Date.now() - WEEK_MS))
    await page.goto(`${server.url}/verify`)
    await page.locator('.list-age.clock').waitFor()
    expect(await page.locator('.list-age').textContent()).toContain('时钟慢了')
    const verdict = await check(page, licence)
    expect(await verdict.getAttribute('class')).toContain('unsure')
    expect(await verdict.locator('.verdict-word').textContent()).toBe('设备时钟不对')
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('broke no policy and threw no error', () => {
    const complaints = watched.flatMap(({ complaints }) => complaints)
    expect(complaints.filter((text) => !text.includes('net::ERR_INTERNET_DISCONNECTED'))).toEqual([])
  })
})

/** The worker's file, as the page names it. */
const nameOfWorker = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const entries = performance.getEntriesByType('resource').map(({ name }) => name)
    const script = entries.find((name) => /\/assets\/verify-.*\.js$/.test(name)) as string
    return `${/check-worker-[\w-]+\.js/.exec(await (await fetch(script)).text())?.[0]}.br`
  })
