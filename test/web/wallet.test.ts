import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { daysLeft, endsSoon, isCurrent, lookOf } from '../../web/wallet/looks.ts'
import { parseRoute, toLicence } from '../../web/wallet/route.ts'
import { isMissing } from '../support/tools.ts'
import {
  accessibilityFaults,
  chromiumPath,
  openBrowser,
  openPage,
  overflowOf,
  type WatchedPage,
} from './support/browser.ts'
import { fetchLicences } from './support/licence.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

describe('the wallet’s cards', () => {
  it('have the colours of their covers, and the same quiet ones each time where the type is new', () => {
    const of = (zh: string, typeCode = 'X') => lookOf({ typeName: { zh }, typeCode })
    expect(of('结婚证').from).not.toBe(of('营业执照').from)
    expect(of('某某证', '123')).toEqual(of('某某证', '123'))
  })

  it('say how many days are left, for licences in force that end soon', () => {
    const at = new Date('2026-11-22T17:00:00Z')
    expect(daysLeft('2026-11-23', at)).toBe(0)
    expect(endsSoon({ status: 'in force', validUntil: '2026-12-03' }, at)).toBe(10)
    expect(endsSoon({ status: 'in force', validUntil: '2027-12-03' }, at)).toBeUndefined()
    expect(endsSoon({ status: 'in force', validUntil: null }, at)).toBeUndefined()
    expect(endsSoon({ status: 'revoked', validUntil: '2026-12-03' }, at)).toBeUndefined()
    expect(['in force', 'suspended', 'revoked', 'superseded'].map((status) => isCurrent({ status }))).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('the wallet’s addresses', () => {
  it('lead back to where they were made, and to the cards for anything else', () => {
    const identifier = '1.2.156.3005.2.11100000MB0143028R001.11330199MB3301255M.ABC.001.X'
    expect(parseRoute(toLicence(identifier))).toEqual({ at: 'licence', identifier })
    expect(parseRoute('#/looks')).toEqual({ at: 'looks' })
    for (const hash of ['', '#/', '#/nowhere', '#/licences/', '#/licences/%zz'])
      expect(parseRoute(hash)).toEqual({ at: 'cards' })
  })
})

// One story, told in order: a holder on a phone.
describe.skipIf(isMissing(chromiumPath))('the wallet on a phone', () => {
  let server: RunningServer
  let browser: Browser
  let wallet: WatchedPage
  let page: Page
  let who: { name: string; code: string }
  let isBroken = false

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
    const { identifier } = (await fetchLicences(server.url))[0]!
    const login = await fetch(`${server.url}/api/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: server.url },
      body: JSON.stringify({ username: 'market-viewer', password: 'demo-market-viewer' }),
    })
    const cookie = login.headers.getSetCookie()[0]!.split(';')[0]!
    const answer = await fetch(`${server.url}/api/licences/${identifier}`, { headers: { cookie } })
    who = ((await answer.json()) as { data: { holders: [{ name: string; code: string }] } }).data.holders[0]
    const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true }
    wallet = await openPage(browser, { ...phone, acceptDownloads: true })
    page = wallet.page
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

  const isSound = async () => {
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBe(0)
  }
  const go = (name: string) => page.locator('.wallet-nav').getByRole('link', { name }).click()

  it('opens with less than 200 KB, and says that this login proves nothing', async () => {
    const sizes: Promise<number>[] = []
    page.on('response', (response) => {
      sizes.push(
        response
          .request()
          .sizes()
          .then(({ responseBodySize, responseHeadersSize }) => responseBodySize + responseHeadersSize),
      )
    })
    await page.goto(`${server.url}/wallet`)
    await page.locator('#holder-name').waitFor()
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    expect(total).toBeGreaterThan(20_000)
    expect(total).toBeLessThan(200_000)
    await page.getByText('这是演示登录').waitFor()
    await isSound()
  })

  it('shows the licences as cards once the holder is known', async () => {
    await page.locator('#holder-name').fill(who.name)
    await page.locator('#holder-code').fill(who.code.toLowerCase())
    await page.getByRole('button', { name: '进入' }).click()
    await page.locator('.card').first().waitFor()
    expect(await page.locator('h1').innerText()).toContain('份证照')
    expect(await page.locator('.cards .card-title').first().innerText()).toMatch(/证|照/)
    await isSound()
  })

  it('opens a card by the keyboard, draws the document and hands it over', async () => {
    await page.locator('.cards a').first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '证照内容' }).waitFor()
    expect(await page.locator('.facts').innerText()).toContain(who.name)
    await isSound()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: '下载' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.pdf$/)
    await page.getByRole('button', { name: '看原件' }).click()
    await page.locator('.pdf-pages canvas').first().waitFor()
  })

  it('takes a dispute and says until when it is answered', async () => {
    await page.getByRole('button', { name: '内容有误？' }).click()
    await page.locator('#dispute-words').fill('住所的门牌号不对')
    await accessibilityFaults(page).then((faults) => expect(faults).toEqual([]))
    await page.getByRole('button', { name: '提出', exact: true }).click()
    await page.getByText('已提出，签发部门会在').waitFor()
  })

  it('tells who looked: the department by name, the clerk not, in the language that is chosen then', async () => {
    await go('谁看过')
    await page.locator('.looks li').first().waitFor()
    const text = await page.locator('.looks').innerText()
    expect(text).toContain('您自己')
    expect(text).toContain('云汀市市场监督管理局')
    expect(text).not.toContain('查阅员')
    await isSound()
    await page.locator('.language-switch').locator('button, select').last().click()
    expect(await page.locator('.looks').innerText()).toContain('Food operation permit')
    await page.locator('.language-switch').locator('button, select').first().click()
  })

  it('tells what happened, once as new', async () => {
    await page.locator('.wallet-dot').waitFor()
    await go('消息')
    await page.locator('.looks li').first().waitFor()
    expect(await page.locator('.looks').innerText()).toContain('已签发')
    await page.locator('.wallet-dot').waitFor({ state: 'detached' })
    await isSound()
  })

  it('lets a company name somebody who acts for it, and end that', async () => {
    await go('我的')
    await page.getByRole('button', { name: '添加经办人' }).click()
    await page.locator('#agent-name').fill('经办人丙')
    await page.locator('#agent-code').fill('330199199505055559')
    await page.getByRole('button', { name: '添加', exact: true }).click()
    await page.getByText('请选今天之后').waitFor()
    const end = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10)
    await page.locator('#agent-until').fill(end)
    await isSound()
    await page.getByRole('button', { name: '添加', exact: true }).click()
    await page.getByText('经**丙').waitFor()
    await page.getByText('等待答复').waitFor()
    await isSound()
    await page.getByRole('button', { name: '停止' }).click()
    await page.getByText('已停止').waitFor()
  })

  it('speaks English too', async () => {
    await page.locator('.language-switch').locator('button, select').last().click()
    await page.getByRole('heading', { name: 'Take your data along' }).waitFor()
    await isSound()
    await page.goto(`${server.url}/wallet#/`)
    await page.locator('.card').first().waitFor()
    expect(await overflowOf(page)).toBe(0)
    await page.locator('.language-switch').locator('button, select').first().click()
  })

  it('logs out, tells a mistyped number, and is empty for the next one', async () => {
    await page.goto(`${server.url}/wallet#/mine`)
    await page.locator('.mine').getByRole('button').first().click()
    await page.locator('#holder-name').waitFor()
    await page.locator('#holder-name').fill('路人甲')
    await page.locator('#holder-code').fill('330199198001010011')
    await page.locator('form button').click()
    await page.getByText(/校验码不符|check character does not match/).waitFor()
    expect(await page.locator('#holder-code').getAttribute('aria-invalid')).toBe('true')
    await isSound()
    await page.locator('#holder-code').fill('330199198001010017')
    await page.locator('form button').click()
    await go('证照').catch(() => go('Licences'))
    await page.locator('.cards-empty').waitFor()
    await isSound()
    expect(wallet.complaints).toEqual([])
  })
})
