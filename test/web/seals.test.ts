import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isMissing } from '../support/tools.ts'
import { accessibilityFaults, chromiumPath, openBrowser, overflowOf } from './support/browser.ts'
import { logIn } from './support/desk.ts'
import { type RunningServer, startServer } from './support/running-server.ts'
import { createSealDesks, takeStep, threePages, untilKeepers, waitForState } from './support/seal-desk.ts'

const NAME = '云汀市民政局婚姻登记专用章'

// One story, told in order: a seal from its application to its end, by one person after the other.
describe.skipIf(isMissing(chromiumPath))('the seal desk, from an application to a seal in use', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createSealDesks>
  let isBroken = false

  const desk = (username: string): Promise<Page> => desks.desk(username)
  const atSeal = (username: string): Promise<Page> => desks.atSeal(username, NAME)
  const logOutAndIn = async (page: Page) => {
    await page.getByRole('button', { name: '退出' }).click()
    await logIn(page, 'seals-reviewer')
    await page.locator('.sections').waitFor()
  }

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createSealDesks(browser, server.url)
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

  it('draws the picture as one types, keeps what was typed, and tells each fault at its field', async () => {
    const page = await desk('civil-applicant')
    await page.getByRole('link', { name: '申请印章' }).first().click()
    await page.locator('#seal-name').fill(NAME)
    await page.locator('#picture-lower').fill('婚姻登记专用章')
    await page.locator('.picture-preview img').waitFor()
    await page.locator('#seal-physical').fill('12')
    await page.locator('#seal-reason').fill('婚姻登记证照需要专用印章')
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.getByText(/有 \d+ 处需要更正/).waitFor()
    expect(await page.locator('#seal-physical').getAttribute('aria-invalid')).toBe('true')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.reload()
    await page.locator('#seal-name').waitFor()
    expect(await page.locator('#seal-name').inputValue()).toBe(NAME)
    await page.locator('#seal-physical').fill('')
    await page.locator('#seal-kind').selectOption('11')
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.locator('.seal-name').waitFor()
    await waitForState(page, '待审核')
  })

  it('is sent back, amended and approved by those whose steps these are, and offers them to nobody else', async () => {
    const applicant = await atSeal('civil-applicant')
    expect(await applicant.getByRole('button', { name: '批准', exact: true }).count()).toBe(0)
    const reviewer = await atSeal('seals-reviewer')
    await reviewer.locator('.facts dd', { hasText: '· 婚姻登记专用章' }).waitFor()
    await reviewer.locator('.seal-looks img').waitFor()
    await takeStep(reviewer, '退回补正', (dialog) => dialog.locator('#act-reason').fill('请说明依据'))
    await applicant.reload()
    await applicant.getByRole('link', { name: '补正', exact: true }).click()
    await applicant.getByText('请说明依据').waitFor()
    await applicant.locator('#seal-basis').fill('云政发〔2026〕1号')
    await applicant.getByRole('button', { name: '提交申请' }).click()
    await applicant.locator('.seal-name').waitFor()
    await reviewer.reload()
    await takeStep(reviewer, '批准')
    await waitForState(reviewer, '待制作')
  })

  it('is drawn, found right by another person, made, filed and handed over', async () => {
    const maker = await atSeal('seals-maker')
    await takeStep(maker, '绘制印模')
    const reviewer = await atSeal('seals-reviewer')
    await reviewer.locator('.seal-looks img').waitFor()
    await takeStep(reviewer, '确认印模')
    await maker.reload()
    await takeStep(maker, '制作')
    await waitForState(maker, '待备案')
    await takeStep(maker, '备案')
    await waitForState(maker, '待发放')
    await takeStep(maker, '发放', untilKeepers)
    await waitForState(maker, '待接收')
  })

  it('is accepted by its keeper, reported lost at once, found again and restored', async () => {
    const keeper = await atSeal('civil-keeper')
    await takeStep(keeper, '接收')
    await waitForState(keeper, '在用')
    await takeStep(keeper, '挂失', (dialog) => dialog.locator('#act-reason').fill('介质遗失'))
    await waitForState(keeper, '已挂失')
    const reviewer = await atSeal('seals-reviewer')
    await takeStep(reviewer, '解除挂失', (dialog) => dialog.locator('#act-reason').fill('已找回'))
    await waitForState(reviewer, '已停用')
    await takeStep(reviewer, '恢复使用', (dialog) => dialog.locator('#act-reason').fill('核对无误'))
    await waitForState(reviewer, '在用')
    expect(await reviewer.locator('.history li').count()).toBeGreaterThan(12)
  })

  it('says at the field which further types are none, before and after the server was asked', async () => {
    const applicant = await atSeal('civil-applicant')
    await applicant.locator('.seal').getByRole('button', { name: '申请增加适用证照' }).click()
    const dialog = applicant.locator('dialog')
    await dialog.locator('#act-types').fill('123')
    await dialog.locator('#act-reason').fill('新设证照类型')
    await dialog.getByRole('button', { name: '申请增加适用证照' }).click()
    await dialog.locator('#act-types-fault', { hasText: '这些不是：123' }).waitFor()
    expect(await dialog.locator('#act-types').getAttribute('aria-invalid')).toBe('true')
    expect(await accessibilityFaults(applicant)).toEqual([])
    const tooMany = Array.from({ length: 201 }, (_, index) => String(index).padStart(21, '1'))
    await dialog.locator('#act-types').fill(tooMany.join('\n'))
    await dialog.getByRole('button', { name: '申请增加适用证照' }).click()
    await dialog.locator('#act-types-fault', { hasText: '太长了' }).waitFor()
    await dialog.getByRole('button', { name: '取消' }).click()
  })

  it('seals a document where it was shown to stand, once its keeper has given leave, and tells the ledger', async () => {
    const user = await desk('civil-seal-user')
    await user.goto(`${server.url}/seals#/use`)
    const choose = async () => {
      await user.locator('#use-seal option', { hasText: NAME }).waitFor({ state: 'attached' })
      const value = await user.locator('#use-seal option', { hasText: NAME }).getAttribute('value')
      await user.locator('#use-seal').selectOption(value)
      await user
        .locator('#use-file')
        .setInputFiles({ name: '通知.pdf', mimeType: 'application/pdf', buffer: await threePages() })
    }
    await choose()
    await user.getByRole('button', { name: '盖章', exact: true }).click()
    await user.locator('.notice.bad').waitFor()
    const keeper = await atSeal('civil-keeper')
    await keeper.getByRole('button', { name: '新增授权' }).click()
    await keeper.locator('#leave-limit').fill('5')
    await keeper.locator('dialog').getByRole('button', { name: '新增授权' }).click()
    await keeper.getByText('每日至多 5 次').waitFor()
    await user.reload()
    await choose()
    await user.getByText('同时加盖骑缝章').click()
    await user.getByRole('button', { name: '预览位置' }).click()
    await user.locator('.use-mark').first().waitFor()
    expect(await user.locator('.use-pages figure').count()).toBe(3)
    const saved = user.waitForEvent('download')
    await user.getByRole('button', { name: '盖章', exact: true }).click()
    const path = await (await saved).path()
    expect(readFileSync(path).subarray(0, 5).toString()).toBe('%PDF-')
    expect(readFileSync(path).includes('ETSI.CAdES.detached')).toBe(true)
    await keeper.goto(`${server.url}/seals#/ledger`)
    await keeper.getByRole('cell', { name: '已盖' }).first().waitFor()
    expect(await accessibilityFaults(keeper)).toEqual([])
  })

  it('shows whoever manages nothing the seals alone, without a step', async () => {
    const user = await atSeal('civil-seal-user')
    expect(await user.getByRole('heading', { name: '您可以办理' }).count()).toBe(0)
    expect(await user.getByRole('link', { name: '申请印章' }).count()).toBe(0)
  })

  it('registers a security key and then asks for it before a dangerous act', async () => {
    const page = await atSeal('seals-reviewer')
    const session = await page.context().newCDPSession(page)
    await session.send('WebAuthn.enable')
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'usb', hasUserVerification: true, isUserVerified: true },
        automaticPresenceSimulation: true,
      },
    })
    await page.goto(`${server.url}/seals#/keys`)
    await page.locator('#key-name').fill('办公桌')
    await page.getByRole('button', { name: '登记安全密钥' }).click()
    await page.getByText('办公桌').waitFor()
    const end = async (seal: Page) => {
      await seal.locator('.seal').getByRole('button', { name: '吊销', exact: true }).click()
      const dialog = seal.locator('dialog')
      await dialog.locator('#act-ground').selectOption('misused')
      await dialog.locator('#act-basis').fill('云政发〔2026〕2号')
      await dialog.locator('#act-reason').fill('违规使用')
      await dialog.getByRole('button', { name: '吊销', exact: true }).click()
    }
    // Whoever has a key must use it: without its touch nothing happens.
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await logOutAndIn(page)
    await end(await atSeal('seals-reviewer'))
    await page.getByText('没有用安全密钥确认').or(page.locator('dialog .notice.bad')).waitFor()
    await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await page.locator('dialog').getByRole('button', { name: '吊销', exact: true }).click()
    await waitForState(page, '已吊销')
  })

  it('fits 360 pixels, has no serious fault of access and says nothing to the console', async () => {
    const page = await atSeal('seals-reviewer')
    for (const hash of ['#/', '#/seals', '#/warnings', '#/keys']) {
      await page.goto(`${server.url}/seals${hash}`)
      await page.setViewportSize({ width: 360, height: 740 })
      await page.locator('h1').waitFor()
      expect(await overflowOf(page)).toBeLessThanOrEqual(0)
      expect(await accessibilityFaults(page)).toEqual([])
    }
    await page.setViewportSize({ width: 1280, height: 860 })
    expect(desks.complaints()).toEqual([])
  })
})
