import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ROLE_NAMES } from '../../directory/index.ts'
import { supervisionRules } from '../../seal-service/domain/supervision.ts'
import { eventTopics } from '../../seal-service/domain/webhook.ts'
import { roleWords } from '../../web/seals/people.ts'
import { parseRoute, toCompromise, toReseal } from '../../web/seals/route.ts'
import { ruleNames, ruleText } from '../../web/seals/warning-words.ts'
import { topicNames, topicText } from '../../web/seals/webhooks.ts'
import { isMissing } from '../support/tools.ts'
import { createCaller } from './support/api.ts'
import { accessibilityFaults, chromiumPath, openBrowser, overflowOf } from './support/browser.ts'
import { startEventTaker } from './support/event-taker.ts'
import { makeSeal } from './support/new-type.ts'
import { type RunningServer, startServer } from './support/running-server.ts'
import { createSealDesks, threePages } from './support/seal-desk.ts'

describe('the words and places of administration', () => {
  it('name every role as the directory does', () => {
    expect(roleWords).toEqual(ROLE_NAMES)
  })

  it('name every event that can be subscribed to', () => {
    expect(new Set(topicNames)).toEqual(new Set(eventTopics))
    for (const topic of topicNames) expect(topicText(topic).zh).not.toBe(topic.replace('seal.', ''))
  })

  it('name every rule of the supervision, the Chinese as the service has it', () => {
    expect(ruleNames).toEqual(Object.keys(supervisionRules))
    for (const [rule, { zh }] of Object.entries(supervisionRules)) expect(ruleText(rule, '').zh).toBe(zh)
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
  let call: ReturnType<typeof createCaller>

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createSealDesks(browser, server.url)
    call = createCaller(server.url)
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

  /** At phone width and by what axe says. */
  const expectUsable = async (page: Page) => {
    await page.setViewportSize({ width: 360, height: 740 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 860 })
  }
  const atCivilSeal = async (username: string): Promise<Page> => {
    const page = await desks.desk(username)
    await page.goto(`${server.url}/seals#/seals`)
    await page.reload()
    await page.getByRole('link', { name: '云汀市民政局', exact: true }).click()
    await page.locator('.seal-name').waitFor()
    return page
  }

  /** Leave for every seal user of civil affairs to seal documents with its first seal, which is an event too. */
  const letUsersSeal = async () => {
    const { items } = await call<{ items: readonly { id: string }[] }>('civil-keeper', 'GET', '/api/seals?state=active')
    const terms = { grantee: { kind: 'role', id: 'seal-user' }, purposes: ['documents'] }
    await call('civil-keeper', 'POST', `/api/seals/${items[0]!.id}/authorisations`, terms)
  }

  it('lets a seal user pass on a part of the leave given by name, and shows both ended with it', async () => {
    const keeper = await atCivilSeal('civil-keeper')
    const dialog = keeper.locator('dialog')
    await keeper.getByRole('button', { name: '新增授权' }).click()
    await keeper.locator('#leave-whom').selectOption({ label: '云汀市民政局用印员' })
    await keeper.locator('#leave-limit').fill('5')
    expect(await accessibilityFaults(keeper)).toEqual([])
    await dialog.getByRole('button', { name: '新增授权' }).click()
    await keeper.getByText('每日至多 5 次').waitFor()
    const user = await atCivilSeal('civil-seal-user')
    await user.getByRole('button', { name: '转授权' }).click()
    await user.locator('#leave-whom').selectOption({ label: '云汀市民政局制证员' })
    await user.locator('#leave-limit').fill('9')
    await user.locator('#leave-until').fill('2099-12-31T18:00')
    await user.locator('dialog').getByRole('button', { name: '转授权' }).click()
    await user.locator('dialog .notice.bad').waitFor()
    await user.locator('#leave-limit').fill('2')
    await user.locator('#leave-until').fill('2027-01-31T18:00')
    await user.locator('dialog').getByRole('button', { name: '转授权' }).click()
    await user.locator('.leaves .part').getByText('由 云汀市民政局用印员 转授').waitFor()
    await expectUsable(user)
    await keeper.reload()
    const whole = keeper.locator('.leaves > li', { hasText: '每日至多 5 次' })
    await whole.getByRole('button', { name: '终止' }).click()
    await keeper.locator('#leave-reason').fill('岗位调整')
    await dialog.getByRole('button', { name: '终止' }).click()
    await keeper.getByText('不再有效的授权（2）').click()
    expect(await keeper.locator('.former').getByText('岗位调整').count()).toBe(2)
  })

  it('subscribes a system to events, shows what it did not take, sends it again and ends it', async () => {
    const taker = await startEventTaker()
    const page = await desks.desk('civil-keeper')
    await page.getByRole('link', { name: '消息订阅' }).click()
    await page.getByText('没有订阅。').waitFor()
    const dialog = page.locator('dialog')
    await page.getByRole('button', { name: '新增订阅' }).click()
    await page.locator('#webhook-address').fill('ftp://127.0.0.1/events')
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: '新增订阅' }).click()
    await dialog.locator('.notice.bad').waitFor()
    await page.locator('#webhook-address').fill(taker.address)
    await dialog.getByRole('button', { name: '新增订阅' }).click()
    const entry = page.locator('.task', { hasText: taker.address })
    const untilSaid = async (text: string) => {
      for (;;) {
        await page.reload()
        await entry.waitFor()
        if ((await entry.getByText(text).count()) > 0) return
      }
    }
    await entry.waitFor()
    await letUsersSeal()
    await taker.refused
    await untilSaid('最近的失败')
    await expectUsable(page)
    taker.take()
    await entry.getByRole('button', { name: '重新推送' }).click()
    await dialog.getByRole('button', { name: '重新推送' }).click()
    await page.getByText('已办理。').waitFor()
    await taker.taken
    await untilSaid('已送达至第')
    await entry.getByRole('button', { name: '终止订阅' }).click()
    await dialog.getByRole('button', { name: '终止订阅' }).click()
    await page.getByText('没有订阅。').waitFor()
    await taker.close()
  })

  it('takes a batch of documents, tells each one’s fate also after a reload, and hands out and removes what was sealed', async () => {
    await letUsersSeal()
    const page = await desks.desk('civil-seal-user')
    await page.getByRole('link', { name: '批量用印' }).click()
    await page.getByText('这枚印章还没有交办过文件。').waitFor()
    const pdf = { mimeType: 'application/pdf', buffer: await threePages() }
    await page.locator('#batch-files').setInputFiles([
      { name: '通知一.pdf', ...pdf },
      { name: '坏文件.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 broken') },
      { name: '通知二.pdf', ...pdf },
    ])
    await page.getByText('已选 3 份').waitFor()
    await page.getByRole('button', { name: '交办' }).click()
    await page.getByText('2 份已盖，1 份未盖，0 份等待').waitFor()
    await page.reload()
    const row = page.locator('tr', { hasText: '坏文件.pdf' })
    await row.getByText('PADES_').waitFor()
    await expectUsable(page)
    const saved = page.waitForEvent('download')
    await page.getByRole('button', { name: '下载 通知一.pdf' }).click()
    expect(readFileSync(await (await saved).path()).includes('ETSI.CAdES.detached')).toBe(true)
    await page.getByRole('button', { name: '移除文件 通知一.pdf' }).click()
    await page.getByRole('button', { name: '下载 通知一.pdf' }).waitFor({ state: 'detached' })
    expect(await page.getByRole('button', { name: '下载 通知二.pdf' }).count()).toBe(1)
  })

  it('gives an official his own seal, with which he alone signs until it is taken back', async () => {
    await makeSeal(call, {
      name: '王建国签名章',
      kindCode: '05',
      picture: { shape: 'square', sideMm: 20, text: '王建国', ending: '印', style: 'red-characters' },
      typeCodes: [],
      reason: '局长签发公文',
    })
    const keeper = await desks.atSeal('civil-keeper', '王建国签名章')
    await keeper.getByText('还没有交给任何人').waitFor()
    await keeper.locator('#person-whom').selectOption({ label: '云汀市民政局查阅员' })
    await expectUsable(keeper)
    await keeper.getByRole('button', { name: '交给本人' }).click()
    await keeper.getByText('起由本人使用').waitFor()
    const official = await desks.desk('civil-viewer')
    await official.getByRole('link', { name: '签发', exact: true }).click()
    const file = { name: '批复.pdf', mimeType: 'application/pdf', buffer: await threePages() }
    await official.locator('#sign-file').setInputFiles(file)
    await official.locator('#sign-where').selectOption('field')
    await official.locator('#sign-field').fill('签发人')
    await official.getByRole('button', { name: '签发', exact: true }).click()
    await official.locator('.notice.bad').waitFor()
    await official.locator('#sign-where').selectOption('place')
    await expectUsable(official)
    const saved = official.waitForEvent('download')
    await official.getByRole('button', { name: '签发', exact: true }).click()
    expect(readFileSync(await (await saved).path()).includes('ETSI.CAdES.detached')).toBe(true)
    await keeper.getByRole('button', { name: '收回' }).click()
    await keeper.getByText('还没有交给任何人').waitFor()
    await official.reload()
    await official.getByText('没有交给您本人使用的名章').waitFor()
    expect(await official.getByRole('link', { name: '签发', exact: true }).count()).toBe(0)
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
