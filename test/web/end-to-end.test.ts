import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { isMissing } from '../support/tools.ts'
import {
  accessibilityFaults,
  chromiumPath,
  dropFiles,
  openBrowser,
  openPage,
  overflowOf,
  type WatchedPage,
} from './support/browser.ts'
import { renderPage, renderPhoto, writeCamera } from './support/camera.ts'
import { logIn, openDesk } from './support/desk.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const skipped = isMissing(chromiumPath, 'pdftoppm')

// One story, told in order: each step stands on the licence of the first.
describe.skipIf(skipped)('the pages, from minting to verifying', () => {
  const folder = temporaryFolder()
  const licencePath = join(folder, 'licence.pdf')
  let server: RunningServer
  let browser: Browser
  let desk: WatchedPage
  let licence: Buffer
  let holderUrl: string
  const watched: WatchedPage[] = []
  let isBroken = false

  const open = async (path: string, options = {}, from = browser): Promise<Page> => {
    const opened = await openPage(from, options)
    watched.push(opened)
    await opened.page.goto(server.url + path)
    return opened.page
  }
  const verify = async (bytes: Uint8Array, name = 'licence.pdf'): Promise<Page> => {
    const page = await open('/verify')
    await dropFiles(page, '.drop', [{ name, bytes }])
    await page.waitForSelector('.verdict')
    return page
  }

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
  }, 180_000)

  // What stands on a failed step says nothing of its own.
  beforeEach(({ skip }) => skip(isBroken))
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === 'fail'
  })

  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('shows every missing entry at once and leads to the first', async () => {
    desk = await openDesk(browser, server.url, 'market-issuer')
    watched.push(desk)
    const { page } = desk
    await page.goto(`${server.url}/issue#/new`)
    await page.getByRole('link', { name: /营业执照/ }).click()
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.getByText(/有 \d+ 处需要改正/).waitFor()
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('field-creditCode')
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('checks a credit code as it is typed', async () => {
    const { page } = desk
    const code = page.getByLabel('统一社会信用代码')
    await code.fill('91330199MA7E4K2Q38')
    await page.getByText('校验位不对').first().waitFor()
    expect(await code.getAttribute('aria-invalid')).toBe('true')
  })

  it('shows the server’s fault at its field: a character that no typeface has', async () => {
    const { page } = desk
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByLabel('名称', { exact: false }).first().fill('云汀市\u{13000}公司')
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.locator('#field-name-fault', { hasText: '\u{13000}' }).waitFor()
    await page.waitForFunction(() => document.activeElement?.id === 'field-name')
  })

  it('draws the specimen beside the form', async () => {
    const { page } = desk
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.locator('.preview canvas').first().waitFor()
    await page.waitForFunction(() => {
      const canvas = document.querySelector<HTMLCanvasElement>('.preview canvas')
      const context = canvas?.getContext('2d')
      if (!canvas || !context || canvas.width < 320) return false
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
      let inked = 0
      for (let at = 0; at < data.length; at += 4) if ((data[at] as number) < 100) inked++
      return inked > 300
    })
  })

  it('mints after saying what will happen, and hands over the sealed PDF', async () => {
    const { page } = desk
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发后不能删除或改动').waitFor()
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发成功').waitFor()
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载 PDF' }).click()
    await (await download).saveAs(licencePath)
    licence = readFileSync(licencePath)
    expect(licence.subarray(0, 5).toString()).toBe('%PDF-')
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('reads “genuine, in force” when the downloaded file is dropped', async () => {
    const page = await verify(licence)
    expect(await page.locator('.verdict').getAttribute('class')).toContain('genuine')
    expect(await page.locator('.verdict-word').textContent()).toBe('真实有效')
    expect(await page.locator('.answers li.yes').count()).toBe(3)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: 'English' }).click()
    expect(await page.locator('.verdict-word').textContent()).toMatch(/genuine.*in force/i)
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en')
  })

  it('opens the public check of the issued licence, and says of a damaged address that it proves nothing', async () => {
    const address = await desk.page.locator('a.button[target=_blank]').getAttribute('href')
    const page = await open(new URL(address!).pathname)
    await page.waitForSelector('.verdict')
    expect(await page.locator('.verdict').textContent()).toContain('真实有效')
    expect(new URL(address!).origin).toBe(server.url)
    const damaged = await open('/Q/2KCE')
    await damaged.waitForSelector('.verdict')
    expect(await damaged.locator('.verdict-word').textContent()).toBe('不可信')
  })

  it('scans the QR of the printed page with the camera and shows what to compare', async () => {
    const camera = join(folder, 'camera.y4m')
    writeCamera(camera, renderPage(licencePath, 150, folder), 1920, 1280)
    const withCamera = await openBrowser(camera)
    try {
      const page = await open('/verify', { permissions: ['camera'] }, withCamera)
      await page.getByRole('button', { name: '用摄像头扫码' }).click()
      await page.waitForSelector('.verdict')
      expect(await page.locator('.verdict-word').textContent()).toBe('真实有效')
      expect(await page.locator('.compare').textContent()).toContain('营业执照')
      expect(await page.locator('dialog').count()).toBe(0)
    } finally {
      await withCamera.close()
    }
  })

  it('reads the QR from a photo and refuses a photo without one', async () => {
    const page = await open('/verify')
    const photo = page.locator('input[accept="image/*"]')
    const blank = await page.screenshot({ clip: { x: 0, y: 0, width: 200, height: 40 } })
    await photo.setInputFiles({ name: 'blank.png', mimeType: 'image/png', buffer: blank })
    await page.getByText('没有读到二维码').waitFor()
    await photo.setInputFiles(renderPhoto(licencePath, 150, folder))
    await page.waitForSelector('.verdict')
    expect(await page.locator('.verdict').getAttribute('class')).toContain('genuine')
  })

  it('says why a tampered file fails, unlike anything genuine', async () => {
    const tampered = Buffer.from(licence)
    const at = Math.floor(tampered.length * 0.3)
    tampered[at] = (tampered[at] as number) ^ 1
    const page = await verify(tampered, 'tampered.pdf')
    expect(await page.locator('.verdict').getAttribute('class')).toContain('forged')
    expect(await page.locator('.verdict-sentence').first().textContent()).toMatch(/改|篡/)
    expect(await page.locator('.answers li').first().getAttribute('class')).toBe('no')
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('checks several files one after another and refuses what is no PDF without sending it', async () => {
    const page = await open('/verify')
    const appended = Buffer.concat([licence, Buffer.from('\n% more\n')])
    const text = { name: 'notes.txt', bytes: Buffer.from('hello') }
    await dropFiles(page, '.drop', [{ name: 'a.pdf', bytes: licence }, text, { name: 'b.pdf', bytes: appended }])
    await page.waitForFunction(() => document.querySelectorAll('.verdict').length === 2)
    await page.getByText('“notes.txt”不是 PDF').waitFor()
    const [newest, oldest] = await page.locator('.verdict').evaluateAll((all) => all.map(({ className }) => className))
    expect(oldest).toContain('genuine')
    expect(newest).not.toContain('genuine')
  })

  it('gives the holder’s link as a QR and as text', async () => {
    const { page } = desk
    await page.getByRole('button', { name: '交给持证人' }).click()
    await page.locator('.link-qr img').waitFor()
    expect(
      await page.locator('.link-qr img').evaluate((image: HTMLImageElement) => image.decode().then(() => true)),
    ).toBe(true)
    expect(await accessibilityFaults(page)).toEqual([])
    holderUrl = await page.locator('#link-address').inputValue()
    await page.keyboard.press('Escape')
    expect(new URL(holderUrl).origin).toBe(server.url)
  })

  it('lets the holder in at phone width: wrong characters fail, right ones open, and the file downloads', async () => {
    const page = await open(new URL(holderUrl).pathname, {
      viewport: { width: 360, height: 740 },
      isMobile: true,
      hasTouch: true,
    })
    await page.getByRole('heading', { name: '营业执照' }).waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByLabel(/最后六位/).fill('000000')
    await page.getByRole('button', { name: '查看证照' }).click()
    await page.getByText('不对。').waitFor()
    await page.getByText('还可以试 4 次').waitFor()
    const code = await desk.page.evaluate(() => document.querySelector('.facts')?.textContent ?? '')
    const lastSix = /91[0-9A-Z]{16}/.exec(code)?.[0].slice(-6) ?? ''
    await page.getByLabel(/最后六位/).fill(lastSix.toLowerCase())
    await page.getByRole('button', { name: '查看证照' }).click()
    await page.locator('.licence-view canvas').first().waitFor()
    expect(await page.locator('.facts').textContent()).toContain(lastSix)
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载盖章的 PDF' }).click()
    const path = join(folder, 'holder.pdf')
    await (await download).saveAs(path)
    expect(readFileSync(path).equals(licence)).toBe(true)
  })

  it('shows a suspended licence as genuine but suspended, and in force again once restored', async () => {
    const { page } = desk
    const act = async (name: string, done: string) => {
      await page.getByRole('button', { name, exact: true }).click()
      await page.getByLabel('原因').fill('年度抽查')
      const basis = page.locator('#act-basis')
      if (await basis.count()) await basis.fill('《企业信息公示暂行条例》第十七条')
      await page.locator('dialog').getByRole('button', { name, exact: true }).click()
      await page.getByText(done, { exact: true }).waitFor()
    }
    await act('暂扣', '已暂扣。')
    const suspended = await verify(licence)
    expect(await suspended.locator('.verdict').getAttribute('class')).toContain('ended')
    expect(await suspended.locator('.verdict-word').textContent()).toContain('暂扣')
    expect(await accessibilityFaults(suspended)).toEqual([])
    await act('发还', '已发还。')
    const restored = await verify(licence)
    expect(await restored.locator('.verdict').getAttribute('class')).toContain('genuine')
  })

  it('replaces the licence from a prefilled form, and the old file reads as replaced', async () => {
    const { page } = desk
    await page.getByRole('link', { name: '变更', exact: true }).click()
    await page.getByLabel('住所', { exact: false }).fill('云汀市望江区新安路 1 号')
    await page.getByRole('button', { name: '变更', exact: true }).click()
    await page.locator('dialog').getByLabel('原因').fill('地址变更')
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发成功').waitFor()
    const old = await verify(licence)
    expect(await old.locator('.verdict').getAttribute('class')).toContain('ended')
  })

  it('lists the department’s licences and finds them by status', async () => {
    const { page } = desk
    await page.goto(`${server.url}/issue#/licences`)
    await page.locator('.listed tbody tr').first().waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByLabel('状态').selectOption('superseded')
    await page.waitForFunction(() => {
      const badges = [...document.querySelectorAll('.listed .status-badge')].map((badge) => badge.textContent)
      return badges.length > 0 && badges.every((text) => text === '已换发新证')
    })
  })

  it('makes one licence, not two, when the answer to minting is lost and minting is tried again', async () => {
    const { page } = desk
    const count = () =>
      page.evaluate(async () => {
        const { items } = (await (await fetch('/api/licences?limit=200')).json()) as { items: unknown[] }
        return items.length
      })
    const before = await count()
    await page.goto(`${server.url}/issue#/new/11100000MB0143028R001`)
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByRole('button', { name: '盖章签发' }).click()
    const lose = async (route: Route) => {
      await route.fetch()
      await route.abort()
    }
    await page.route('**/api/licences', lose, { times: 1 })
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('不会重复签发').waitFor()
    await page.locator('dialog').getByRole('button', { name: '再试一次' }).click()
    await page.getByText('签发成功').waitFor()
    expect(await count()).toBe(before + 1)
  })

  it('keeps what was typed when the login ends and when the page is loaded again', async () => {
    const { page } = desk
    await page.goto(`${server.url}/issue#/new/11100000MB0143028R029`)
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByText('样张是最新的').waitFor()
    const phone = page.getByLabel('投诉举报电话')
    await phone.fill('0571-12345')
    await page.waitForResponse((response) => response.url().endsWith('/previews'))
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.context().clearCookies()
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('登录已过期').waitFor()
    await logIn(page, 'market-issuer')
    await phone.waitFor()
    expect(await phone.inputValue()).toBe('0571-12345')
    await page.reload()
    await page.getByText('已恢复上次没有完成的草稿').waitFor()
    expect(await phone.inputValue()).toBe('0571-12345')
    expect(await page.locator('.table-row').count()).toBe(4)
  })

  it('takes a picture, refuses what is none or too small, and mints with it', async () => {
    const civil = await openDesk(browser, server.url, 'civil-issuer')
    watched.push(civil)
    const { page } = civil
    await page.goto(`${server.url}/issue#/new/111000000000130127201`)
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByRole('button', { name: '移除' }).click()
    const picture = page.locator('#field-photo')
    await picture.setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from('no picture') })
    await page.getByText('这不是 JPEG 或 PNG 图片').waitFor()
    await picture.setInputFiles({
      name: 'small.png',
      mimeType: 'image/png',
      buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 90, height: 300 } }),
    })
    await page.getByText('图片是 90×300 像素').waitFor()
    await picture.setInputFiles({
      name: 'photo.png',
      mimeType: 'image/png',
      buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 480, height: 320 } }),
    })
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('程亦舟、苏晚晴').waitFor()
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发成功').waitFor()
  })

  it.each(['/', '/verify', '/issue', '/h/nothing-here-at-all-000'])(
    'fits 360 pixels and has no serious fault of access: %s',
    async (path) => {
      const page = await open(path, { viewport: { width: 360, height: 740 }, isMobile: true, locale: 'en-GB' })
      await page.locator('h1').first().waitFor()
      expect(await overflowOf(page)).toBe(0)
      expect(await accessibilityFaults(page)).toEqual([])
    },
  )

  it('tells whoever mistyped an address that nothing is there, and where to go', async () => {
    const context = await browser.newContext({ viewport: { width: 360, height: 740 }, isMobile: true })
    const page = await context.newPage()
    expect((await page.goto(`${server.url}/verfy`))?.status()).toBe(404)
    expect(await overflowOf(page)).toBe(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('link', { name: 'Verify a licence' }).click()
    await page.waitForURL('**/verify')
    await context.close()
  })

  it('opens no form for whoever may only read, nor for a type of another department', async () => {
    for (const username of ['market-viewer', 'civil-issuer']) {
      const other = await openDesk(browser, server.url, username)
      watched.push(other)
      await other.page.goto(`${server.url}/issue#/new/11100000MB0143028R001`)
      expect(await other.page.locator('[role=alert]').textContent()).toContain('不能签发')
      expect(await other.page.locator('form').count()).toBe(0)
    }
  })

  it('leads the keyboard to the content first', async () => {
    const page = await open('/verify')
    await page.locator('h1').waitFor()
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.className)).toContain('skip')
    await page.keyboard.press('Enter')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('main')
  })

  it('broke no policy and threw no error on any page above', () => {
    expect(watched.length).toBeGreaterThan(10)
    expect(watched.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})
