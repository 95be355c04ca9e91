// `node tools/make-screenshots.ts`: starts the service in a folder of its own, walks its pages as people do and writes
// docs/screenshots/*.png. Run by hand when the pages change; tests do not write pictures.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { dropFiles, openBrowser, openPage } from '../test/web/support/browser.ts'
import { renderPhoto } from '../test/web/support/camera.ts'
import { openDesk } from '../test/web/support/desk.ts'
import { startServer } from '../test/web/support/running-server.ts'

const folder = join(packageRoot, 'docs', 'screenshots')
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }

async function shoot(page: Page, name: string, fullPage = false): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage, animations: 'disabled', caret: 'hide' })
  console.log(`docs/screenshots/${name}.png`)
}

/** pdf.js draws page by page; a drawn canvas has been given the size of the screen. */
async function untilDrawn(page: Page, canvas: string): Promise<void> {
  await page.locator(canvas).first().waitFor()
  await page.waitForFunction((selector) => {
    const drawn = document.querySelector<HTMLCanvasElement>(selector)
    const data = drawn?.getContext('2d')?.getImageData(0, 0, drawn.width, drawn.height).data
    return data?.some((value, at) => at % 4 === 0 && value < 100 && (data[at + 3] as number) > 200) === true
  }, canvas)
}

async function verdict(page: Page, url: string, name: string, bytes: Uint8Array, shot: string): Promise<void> {
  await page.goto(`${url}/verify`)
  await dropFiles(page, '.drop', [{ name, bytes }])
  await page.locator('.verdict').waitFor()
  await page.locator('.results').scrollIntoViewIfNeeded()
  await page.evaluate(() => document.querySelector('.results')?.scrollIntoView())
  await shoot(page, shot)
}

mkdirSync(folder, { recursive: true })
const scratch = mkdtempSync(join(tmpdir(), 'zhengyin-screenshots-'))
const server = await startServer()
const browser = await openBrowser()
try {
  const { page: visitor } = await openPage(browser)
  await visitor.goto(server.url)
  await visitor.locator('h1').waitFor()
  await shoot(visitor, 'home')
  await visitor.goto(`${server.url}/verify`)
  await visitor.locator('h1').waitFor()
  await shoot(visitor, 'verify')

  const { page: desk } = await openDesk(browser, server.url, 'market-issuer')
  await desk.goto(`${server.url}/issue#/new/11100000MB0143028R001`)
  await desk.getByRole('button', { name: '用样例填写' }).click()
  await untilDrawn(desk, '.preview canvas')
  await shoot(desk, 'issue-form', true)
  await desk.getByRole('button', { name: '盖章签发' }).click()
  await desk.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
  await desk.getByText('签发成功').waitFor()
  await untilDrawn(desk, '.document canvas')
  await shoot(desk, 'issued')
  const download = desk.waitForEvent('download')
  await desk.getByRole('button', { name: '下载 PDF' }).click()
  const sealed = await (await download).path()
  copyFileSync(renderPhoto(sealed, 110, scratch), join(folder, 'business-licence.png'))
  console.log('docs/screenshots/business-licence.png')
  const licence = readFileSync(sealed)
  const tampered = Buffer.from(licence)
  const middle = tampered.length >> 2
  tampered[middle] = (tampered[middle] as number) ^ 1
  await verdict(visitor, server.url, '营业执照.pdf', licence, 'verify-genuine')
  await verdict(visitor, server.url, '营业执照（改过）.pdf', tampered, 'verify-tampered')

  await desk.getByRole('button', { name: '交给持证人' }).click()
  await desk.locator('.link-qr img').waitFor()
  await shoot(desk, 'hand-over')
  const link = await desk.locator('#link-address').inputValue()
  await desk.keyboard.press('Escape')
  const code = /91[0-9A-Z]{16}/.exec((await desk.locator('.facts').first().textContent()) ?? '')?.[0] ?? ''
  const { page: holder } = await openPage(browser, phone)
  await holder.goto(link)
  await holder.locator('#last-six').fill(code.slice(-6))
  await shoot(holder, 'holder-phone')
  await holder.getByRole('button', { name: '查看证照' }).click()
  await untilDrawn(holder, '.licence-view canvas')
  await shoot(holder, 'holder-licence-phone')

  await desk.getByRole('button', { name: '吊销', exact: true }).click()
  await desk.locator('#act-basis').fill('《企业信息公示暂行条例》第十七条')
  await desk.getByLabel('原因').fill('年度抽查发现登记住所不实')
  await desk.locator('dialog').getByRole('button', { name: '吊销', exact: true }).click()
  await desk.getByText('已吊销。', { exact: true }).waitFor()
  await verdict(visitor, server.url, '营业执照.pdf', licence, 'verify-revoked')
  await desk.goto(`${server.url}/issue#/licences`)
  await desk.locator('.listed tbody tr').first().waitFor()
  await shoot(desk, 'licences')
} finally {
  await browser.close()
  await server.stop()
  rmSync(scratch, { recursive: true, force: true })
}
