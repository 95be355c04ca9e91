import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isMissing } from '../support/tools.ts'
import { createCaller } from './support/api.ts'
import {
  accessibilityFaults,
  chromiumPath,
  dropFiles,
  openBrowser,
  openPage,
  overflowOf,
  type WatchedPage,
} from './support/browser.ts'
import { createDesks } from './support/desk.ts'
import { actOn, fillEntry, sayWhy, tabTo } from './support/licence-desk.ts'
import { civilAffairs, gradeType, makeSealFor, publishTemplate } from './support/new-type.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const marketRegulation = '11330199MB3301255M'

/** A licence as its holder has it: the file, and the address in its QR. */
interface Paper {
  readonly identifier: string
  readonly pdf: Buffer
  readonly statement: string
}

// One story, told in order: a licence type from its definition to a licence of it that is revoked.
describe.skipIf(isMissing(chromiumPath))('the licence desk, from a new type to a licence that has ended', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createDesks>
  let call: ReturnType<typeof createCaller>
  let first: Paper
  let second: Paper
  let visitor: WatchedPage | undefined
  let sealId = ''
  let other: Promise<{ readonly identifier: string }> | undefined
  let isBroken = false

  const at = async (username: string, hash: string): Promise<Page> => {
    const page = await desks.desk(username)
    await page.goto(`${server.url}/issue${hash}`)
    await page.locator('h1').waitFor()
    return page
  }
  const identifierOf = (page: Page) =>
    decodeURIComponent(page.url().split('/licences/')[1] ?? '').replace('/issued', '')
  const paperOf = async (page: Page): Promise<Paper> => {
    const identifier = identifierOf(page)
    const path = `/api/licences/${identifier}/document`
    const pdf = Buffer.from(await (await page.request.get(server.url + path)).body())
    const statement = await page.locator('a.button[target=_blank]').getAttribute('href')
    return { identifier, pdf, statement: new URL(statement!).pathname }
  }
  const wordsOfFile = async (bytes: Buffer): Promise<string> => {
    visitor ??= await openPage(browser)
    const { page } = visitor
    await page.goto(`${server.url}/verify`)
    await dropFiles(page, '.drop', [{ name: 'licence.pdf', bytes }])
    await page.locator('.verdict').waitFor()
    return (await page.locator('.verdict-word').textContent()) ?? ''
  }
  /** What the public page says of the file and of the QR, which must say the same. */
  const wordsOf = async ({ pdf, statement }: Paper): Promise<string> => {
    const ofFile = await wordsOfFile(pdf)
    const { page } = visitor!
    await page.goto(server.url + statement)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.verdict-word').textContent()).toBe(ofFile)
    return ofFile
  }

  /** Another licence of the new type, made at the first call. */
  const transferable = () => {
    other ??= call<{ example: object }>('civil-issuer', 'GET', `/api/catalogue/${gradeType}`).then(({ example }) =>
      call('civil-issuer', 'POST', '/api/licences', { typeCode: gradeType, data: example }),
    )
    return other
  }

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createDesks(browser, server.url, '/issue')
    call = createCaller(server.url)
  }, 360_000)
  // What stands on a failed step says nothing of its own.
  beforeEach(({ skip }) => skip(isBroken))
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('takes a new type from its editor, with every fault at its field first', async () => {
    const page = await at('civil-catalogue-editor', '#/catalogue/new')
    await fillEntry(page, '11330199MB3301271X')
    await page.getByRole('button', { name: '保存草稿' }).click()
    await page.getByText(/有 \d+ 处需要更正/).waitFor()
    expect(await page.locator('#type-definer-code').getAttribute('aria-invalid')).toBe('true')
    expect(await page.locator('#type-name-zh').inputValue()).toBe('社会组织评估等级证书')
    await page.locator('#type-definer-code').fill(civilAffairs)
    await page.getByRole('button', { name: '保存草稿' }).click()
    await page.locator('.type-title', { hasText: '社会组织评估等级证书' }).waitFor()
    await page.locator('.state-badge', { hasText: '草稿' }).waitFor()
    expect(await page.getByRole('button', { name: '审核通过' }).count()).toBe(0)
  })

  it('has it reviewed, published and assigned by another person; then a licence can be issued of it', async () => {
    const page = await at('civil-licence-reviewer', `#/catalogue/${gradeType}`)
    await page.getByRole('button', { name: '审核通过' }).click()
    await page.locator('.state-badge', { hasText: '已审核' }).waitFor()
    await page.getByRole('button', { name: '发布', exact: true }).click()
    await page.locator('.state-badge', { hasText: '已发布' }).waitFor()
    await publishTemplate(call, gradeType)
    sealId = await makeSealFor(call, gradeType)
    await page.getByRole('button', { name: '分配给单位' }).click()
    await page.locator('#assign-department').selectOption(civilAffairs)
    await page.locator('#assign-seal').fill(sealId)
    await page.locator('dialog').getByRole('button', { name: '分配给单位' }).click()
    await page.getByText('已办理。').waitFor()
    const editor = await at('civil-catalogue-editor', `#/catalogue/${gradeType}`)
    await editor.reload()
    await editor.locator('.state-badge', { hasText: '已发布' }).waitFor()
  })

  it('issues a licence of the new type, which the public page calls genuine', async () => {
    const page = await at('civil-issuer', `#/new/${gradeType}`)
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByRole('button', { name: '盖章签发' }).click()
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发成功').waitFor()
    first = await paperOf(page)
    expect(await wordsOf(first)).toBe('真实有效')
  })

  it('changes it: the new version is genuine, the old one reads replaced', async () => {
    const page = await desks.desk('civil-issuer')
    await page.locator('.acts').getByRole('link', { name: '变更', exact: true }).click()
    await page.getByLabel('评估等级').fill('4A')
    await page.getByRole('button', { name: '变更', exact: true }).click()
    await page.locator('dialog #act-reason').fill('复评降级')
    await page.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await page.getByText('签发成功').waitFor()
    await page.getByText('4A', { exact: true }).waitFor()
    second = await paperOf(page)
    expect(await wordsOf(second)).toBe('真实有效')
    expect(await wordsOf(first)).toContain('已换发')
  })

  it('suspends and restores it, saying first what that will do and asking for the law', async () => {
    const page = await desks.desk('civil-issuer')
    await page.locator('.acts').getByRole('button', { name: '暂扣', exact: true }).click()
    await page.getByText('任何人查验都会看到“真实但已暂扣”').waitFor()
    await page.locator('dialog').getByRole('button', { name: '暂扣', exact: true }).click()
    expect(await page.locator('#act-basis').getAttribute('aria-invalid')).toBe('true')
    await page.waitForFunction(() => document.activeElement?.id === 'act-basis')
    expect(await accessibilityFaults(page)).toEqual([])
    await sayWhy(page.locator('dialog'))
    await page.locator('dialog').getByRole('button', { name: '暂扣', exact: true }).click()
    await page.getByText('已暂扣。', { exact: true }).waitFor()
    expect(await page.getByText('签发成功').count()).toBe(0)
    expect(await wordsOf(second)).toContain('暂扣')
    await actOn(page, '发还', sayWhy)
    await page.getByText('已发还。', { exact: true }).waitFor()
    expect(await wordsOf(second)).toBe('真实有效')
    expect(await wordsOf(first)).toContain('已换发')
  })

  it('makes a copy for one purpose, which verifies with it, is looked into and is revoked alone', async () => {
    const page = await at('civil-issuer', `#/licences/${second.identifier}`)
    await page.locator('.record summary', { hasText: '加注件' }).click()
    await page.getByRole('button', { name: '制作加注件' }).click()
    const dialog = page.locator('dialog')
    await dialog.getByRole('button', { name: '制作加注件' }).click()
    expect(await dialog.locator('#copy-purpose').getAttribute('aria-invalid')).toBe('true')
    await dialog.locator('#copy-purpose').fill('仅供申请资助使用')
    await dialog.locator('#copy-recipient').fill('云汀市社会组织服务中心')
    await dialog.getByLabel('评估等级').check()
    expect(await accessibilityFaults(page)).toEqual([])
    await dialog.getByRole('button', { name: '制作加注件' }).click()
    await dialog.getByText('印章没有这项用途的授权').waitFor()
    const leave = { grantee: { kind: 'role', id: 'issuer' }, purposes: ['copies'], perDay: 100 }
    await call('civil-keeper', 'POST', `/api/seals/${sealId}/authorisations`, leave)
    await dialog.getByRole('button', { name: '制作加注件' }).click()
    await page.getByText('已制作。').waitFor()
    // What was refused stands in the list too.
    const isInForce = page.locator('.status-badge', { hasText: '有效' })
    const row = page.locator('.record .listed tbody tr').filter({ has: isInForce })
    const saving = page.waitForEvent('download')
    await row.getByRole('button', { name: '下载 PDF' }).click()
    const copy = readFileSync(await (await saving).path())
    expect(await wordsOfFile(copy)).toBe('加注件，真实有效')
    await row.getByRole('button', { name: '详情' }).click()
    await dialog.getByText('仅供申请资助使用').waitFor()
    await dialog.getByText('评估等级', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: '关闭' }).click()
    await row.getByRole('button', { name: '作废' }).click()
    await dialog.locator('#confirm-reason').fill('用途有变')
    await dialog.getByRole('button', { name: '作废' }).click()
    await page.getByText('已作废。').waitFor()
    expect(await wordsOfFile(copy)).toContain('已吊销')
    expect(await wordsOf(second)).toBe('真实有效')
  })

  it('numbers the sheets of paper it is printed on, each for one licence', async () => {
    const page = await at('civil-issuer', `#/licences/${second.identifier}`)
    await page.locator('.record summary', { hasText: '纸质打印记录' }).click()
    await page.locator('#paper-serial').fill('YT-2026-000017')
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: '取打印文件' }).click()
    expect(
      readFileSync(await (await saving).path())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    await page.locator('.record tbody tr', { hasText: 'YT-2026-000017' }).waitFor()
    await at('civil-issuer', `#/licences/${(await transferable()).identifier}`)
    await page.locator('.record summary', { hasText: '纸质打印记录' }).click()
    await page.locator('#paper-serial').fill('YT-2026-000017')
    await page.getByRole('button', { name: '取打印文件' }).click()
    await page.getByText('这张纸的编号已经用于另一份证照。').waitFor()
  })

  it('tells its reviewer who read it, and takes no erasure before its end', async () => {
    const page = await at('civil-licence-reviewer', `#/licences/${second.identifier}`)
    await page.locator('.record summary', { hasText: '谁查阅过' }).click()
    await page.locator('.record tbody tr', { hasText: '云汀市民政局制证员' }).first().waitFor()
    await page.locator('.record summary', { hasText: '清除个人信息' }).click()
    await page.locator('#erasure-cause').selectOption('holder-asked')
    await page.getByRole('button', { name: '申请清除' }).click()
    await page.getByText('现在还不能清除').waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('goes over to another department that takes it over by a form of its own', async () => {
    const { identifier } = await transferable()
    const market = { stem: 'market', code: marketRegulation, name: '云汀市市场监督管理局' }
    const assignment = { departmentCode: market.code, sealId: await makeSealFor(call, gradeType, market) }
    await call('civil-licence-reviewer', 'POST', `/api/catalogue/${gradeType}/assignments`, assignment)
    const giver = await at('civil-issuer', `#/licences/${identifier}`)
    await actOn(giver, '转出', async (dialog) => {
      await dialog.locator('#act-to').selectOption(market.code)
      await dialog.locator('#act-reason').fill('职责划转')
    })
    await giver.getByText('已提交').waitFor()
    const taker = await at('market-issuer', '#/orders')
    await taker.getByRole('link', { name: '接收' }).click()
    await taker.getByText('持证主体不变').waitFor()
    await taker.getByRole('button', { name: '用样例填写' }).click()
    expect(await accessibilityFaults(taker)).toEqual([])
    await taker.getByRole('button', { name: '接收转入' }).click()
    await taker.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
    await taker.getByText('签发成功').waitFor()
    const old = await call<{ status: string }>('civil-issuer', 'GET', `/api/licences/${identifier}/status`)
    expect(old.status).toBe('transferred')
  })

  it('revokes it by the keyboard alone, once a second person has approved: until then it stays genuine', async () => {
    const page = await at('civil-issuer', `#/licences/${second.identifier}`)
    await page.reload()
    await page.locator('.acts').waitFor()
    await tabTo(page, '吊销')
    await page.keyboard.press('Enter')
    await page.getByText('需要另一位审核员批准').waitFor()
    await tabTo(page, '法律依据')
    await page.keyboard.type('《社会组织评估管理办法》第三十条')
    await tabTo(page, '原因')
    await page.keyboard.type('弄虚作假')
    await tabTo(page, '吊销')
    await page.keyboard.press('Enter')
    await page.getByText('已提交').waitFor()
    await page.getByText('吊销 · ').waitFor()
    expect(await page.locator('.acts').getByRole('button', { name: '吊销', exact: true }).count()).toBe(0)
    expect(await page.locator('.acts').getByRole('button', { name: '暂扣', exact: true }).count()).toBe(1)
    expect(await wordsOf(second)).toBe('真实有效')
    const reviewer = await at('civil-licence-reviewer', '#/')
    await reviewer.getByRole('link', { name: /^吊销 · 社会组织评估等级证书 · / }).click()
    await reviewer.getByRole('button', { name: '批准', exact: true }).click()
    await reviewer.locator('dialog strong', { hasText: /^社会组织评估等级证书 · / }).waitFor()
    await reviewer.locator('dialog').getByText('弄虚作假').waitFor()
    await reviewer.locator('dialog').getByRole('button', { name: '批准', exact: true }).click()
    await reviewer.getByText('已办理。').waitFor()
    expect(await wordsOf(second)).toContain('已吊销')
    expect(await wordsOf(first)).toContain('已换发')
    await page.reload()
    await page.locator('.history', { hasText: '弄虚作假' }).waitFor()
    expect(await page.locator('.acts').getByRole('button', { name: '吊销' }).count()).toBe(0)
  })

  it('is erased by nobody alone: its reviewer asks, and does not decide', async () => {
    const page = await at('civil-licence-reviewer', `#/licences/${second.identifier}`)
    await page.reload()
    await page.locator('.record summary', { hasText: '清除个人信息' }).click()
    await page.locator('#erasure-cause').selectOption('court-order')
    await page.getByRole('button', { name: '申请清除' }).click()
    await page.getByText('待另一位审核员决定').waitFor()
    await at('civil-licence-reviewer', '#/personal-data')
    await page.locator('tbody tr', { hasText: '查阅记录' }).getByText('1,096').waitFor()
    await page.locator('tbody tr', { hasText: second.identifier }).getByRole('button', { name: '不同意' }).click()
    await page.locator('dialog').getByRole('button', { name: '不同意' }).click()
    await page.getByText('申请的人不能自己决定。').waitFor()
    await page.keyboard.press('Escape')
  })

  it('fits a phone in either language, has no serious fault of access and says nothing to the console', async () => {
    for (const [username, hashes] of [
      [
        'civil-issuer',
        ['#/', '#/licences', '#/orders', '#/cases', '#/batches', '#/batches/new', '#/catalogue', '#/keys'],
      ],
      ['civil-issuer', ['#/statistics', '#/quality', '#/new', `#/new/${gradeType}`, `#/licences/${first.identifier}`]],
      [
        'civil-licence-reviewer',
        ['#/', '#/orders', `#/catalogue/${gradeType}`, '#/cases', '#/sharing', '#/personal-data'],
      ],
      ['civil-catalogue-editor', ['#/', '#/catalogue', '#/catalogue/new', `#/catalogue/${gradeType}/edit`]],
      ['civil-catalogue-editor', ['#/catalogue/import', '#/quality']],
      ['city-auditor', ['#/accesses', '#/statistics']],
    ] as const) {
      const page = await desks.desk(username)
      await page.setViewportSize({ width: 360, height: 740 })
      for (const [index, hash] of hashes.entries()) {
        await at(username, hash)
        await page.getByRole('button', { name: index % 2 === 0 ? 'English' : '中文', exact: true }).click()
        await page.waitForLoadState('networkidle')
        expect(await overflowOf(page), hash).toBeLessThanOrEqual(0)
        expect(await accessibilityFaults(page), hash).toEqual([])
      }
    }
    expect([...desks.complaints(), ...(visitor?.complaints ?? [])]).toEqual([])
  })
})
