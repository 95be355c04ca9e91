import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_NAMES } from '../../directory/index.ts'
import { roleWords } from '../../web/seals/people.ts'
import { parseRoute, toCompromise, toReseal } from '../../web/seals/route.ts'
import { isMissing } from '../support/tools.ts'
import { accessibilityFaults, chromiumPath, openBrowser, overflowOf } from './support/browser.ts'
import { type RunningServer, startServer } from './support/running-server.ts'
import { createSealDesks } from './support/seal-desk.ts'

describe('the words and places of administration', () => {
  it('name every role as the directory does', () => {
    expect(roleWords).toEqual(ROLE_NAMES)
  })

  it('lead to the compromise of a seal and to an order to seal anew', () => {
    expect(parseRoute(toCompromise('33019900000001'))).toEqual({ at: 'compromise', sealId: '33019900000001' })
    const reseal = { at: 'reseal', sealId: '33019900000001', resealId: 'r-1' }
    expect(parseRoute(toReseal('33019900000001', 'r-1'))).toEqual(reseal)
  })
})

describe.skipIf(isMissing(chromiumPath))('the seal desk for those who administer and supervise', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createSealDesks>

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createSealDesks(browser, server.url)
  }, 180_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('lets an administrator add a person, give another post and close the account, and a department be added and merged', async () => {
    const page = await desks.desk('city-administrator')
    await page.getByRole('link', { name: '人员与单位' }).click()
    await page.getByRole('button', { name: '新增账号' }).click()
    await page.locator('#person-username').fill('civil-newcomer')
    await page.locator('#person-name').fill('沈云舟')
    await page.locator('#person-password').fill('correct horse battery staple')
    await page.locator('#person-department').selectOption({ label: '云汀市民政局' })
    await page.getByLabel('制证员', { exact: true }).check()
    await page.getByLabel('审计员', { exact: true }).check()
    const dialog = page.locator('dialog')
    await dialog.getByRole('button', { name: '新增账号' }).click()
    await dialog.locator('.notice').waitFor()
    await page.getByLabel('审计员', { exact: true }).uncheck()
    await dialog.getByRole('button', { name: '新增账号' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.locator('#people-text').fill('沈云舟')
    await page.getByRole('button', { name: '查询' }).click()
    const row = page.locator('tr', { hasText: 'civil-newcomer' })
    await row.getByText('制证员').waitFor()
    await row.getByRole('button', { name: '调整岗位' }).click()
    await page.getByLabel('查阅员', { exact: true }).check()
    await dialog.getByRole('button', { name: '调整岗位' }).click()
    await row.getByText('制证员、查阅员').waitFor()
    await row.getByRole('button', { name: '停用账号' }).click()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: '停用账号' }).click()
    await row.waitFor({ state: 'detached' })

    await page.getByRole('button', { name: '新增单位' }).click()
    await page.locator('#department-code').fill('11330199MB33013940')
    await page.locator('#department-zh').fill('云汀市印章制作中心')
    await page.locator('#department-en').fill('Yunting Seal Makers')
    await page.locator('#department-area').fill('330199')
    await dialog.getByRole('button', { name: '新增单位' }).click()
    await dialog.locator('.notice').waitFor()
    await page.locator('#department-code').fill('11330199MB3301394C')
    await dialog.getByRole('button', { name: '新增单位' }).click()
    await dialog.waitFor({ state: 'detached' })
    const maker = page.locator('.departments tr', { hasText: '11330199MB3301394C' })
    await maker.getByRole('button', { name: '撤销或并入' }).click()
    await page.locator('#department-into').selectOption({ label: '云汀市印章管理中心' })
    await dialog.getByRole('button', { name: '撤销或并入' }).click()
    await maker.getByText('→ 云汀市印章管理中心').waitFor()
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
  })

  it('lets an auditor set the rules within their limits, and others read them alone', async () => {
    const page = await desks.desk('city-auditor')
    await page.getByRole('link', { name: '监管规则' }).click()
    await page.locator('#rule-reviewDays').fill('5')
    await page.locator('#rule-holidays').fill('2026-10-01\n2026-10-02')
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByText('已保存。').waitFor()
    await page.locator('#rule-holidays').fill('the first of October')
    await page.getByRole('button', { name: '保存' }).click()
    await page.getByRole('alert').waitFor()
    await page.reload()
    await page.locator('#rule-reviewDays').waitFor()
    expect(await page.locator('#rule-reviewDays').inputValue()).toBe('5')
    expect(await page.locator('#rule-holidays').inputValue()).toBe('2026-10-01\n2026-10-02')
    expect(await accessibilityFaults(page)).toEqual([])
    const reader = await desks.desk('seals-reviewer')
    await reader.getByRole('link', { name: '监管规则' }).click()
    await reader.locator('#rule-reviewDays').waitFor()
    expect(await reader.locator('#rule-reviewDays').isDisabled()).toBe(true)
    expect(await reader.getByRole('button', { name: '保存' }).count()).toBe(0)
  })

  it('carries a compromise through: reported by a reviewer, uses divided, sealing anew needs another seal', async () => {
    const page = await desks.desk('seals-reviewer')
    await page.goto(`${server.url}/seals#/seals`)
    await page.reload()
    await page.getByRole('link', { name: '云汀市交通运输局' }).first().click()
    await page.getByRole('link', { name: '密钥泄露处置' }).click()
    await page.getByText('没有记录到这枚印章的密钥泄露。').waitFor()
    const beijing = new Date(Date.now() + 8 * 3_600_000 - 2_000).toISOString().slice(0, 19)
    await page.locator('#compromise-since').fill(beijing)
    await page.locator('#compromise-reason').fill('密码机日志显示异常调用')
    await page.locator('#compromise-basis').fill('云印〔2026〕9号')
    expect(await accessibilityFaults(page)).toEqual([])
    await page.getByRole('button', { name: '报告泄露' }).click()
    await page.locator('.split').waitFor()
    await page.getByText('该单位没有其他在用的印章。').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    await page.getByRole('link', { name: '返回' }).click()
    await page.locator('.seal > .row .state-badge', { hasText: '已吊销' }).waitFor()
    expect(desks.complaints()).toEqual([])
  })
})
