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

/** A licence as its holder has it: the file, and the address in its QR. */
interface Paper {
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
    const path = `/api/licences/${identifierOf(page)}/document`
    const pdf = Buffer.from(await (await page.request.get(server.url + path)).body())
    const statement = await page.locator('a.button[target=_blank]').getAttribute('href')
    return { pdf, statement: new URL(statement!).pathname }
  }
  /** What the public page says of the file and of the QR, which must say the same. */
  const wordsOf = async ({ pdf, statement }: Paper): Promise<string> => {
    visitor ??= await openPage(browser)
    const { page } = visitor
    await page.goto(`${server.url}/verify`)
    await dropFiles(page, '.drop', [{ name: 'licence.pdf', bytes: pdf }])
    await page.locator('.verdict').waitFor()
    const ofFile = await page.locator('.verdict-word').textContent()
    await page.goto(server.url + statement)
    await page.locator('.verdict').waitFor()
    expect(await page.locator('.verdict-word').textContent()).toBe(ofFile)
    return ofFile ?? ''
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
    const sealId = await makeSealFor(call, gradeType)
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
    expect(await accessibilityFaults(page)).toEqual([])
    await sayWhy(page.locator('dialog'))
    await page.locator('dialog').getByRole('button', { name: '暂扣', exact: true }).click()
    await page.getByText('已暂扣。', { exact: true }).waitFor()
    expect(await wordsOf(second)).toContain('暂扣')
    await actOn(page, '发还', sayWhy)
    await page.getByText('已发还。', { exact: true }).waitFor()
    expect(await wordsOf(second)).toBe('真实有效')
    expect(await wordsOf(first)).toContain('已换发')
  })

  it('revokes it by the keyboard alone, once a second person has approved: until then it stays genuine', async () => {
    const page = await desks.desk('civil-issuer')
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
    expect(await wordsOf(second)).toBe('真实有效')
    const reviewer = await at('civil-licence-reviewer', '#/')
    await reviewer.getByRole('link', { name: /^吊销 · / }).click()
    await reviewer.getByRole('button', { name: '批准', exact: true }).click()
    await reviewer.locator('dialog').getByText('弄虚作假').waitFor()
    await reviewer.locator('dialog').getByRole('button', { name: '批准', exact: true }).click()
    await reviewer.getByText('已办理。').waitFor()
    expect(await wordsOf(second)).toContain('已吊销')
    expect(await wordsOf(first)).toContain('已换发')
    await page.reload()
    await page.locator('.history', { hasText: '弄虚作假' }).waitFor()
    expect(await page.locator('.acts').getByRole('button', { name: '吊销' }).count()).toBe(0)
  })

  it('fits 360 pixels in either language, has no serious fault of access and says nothing to the console', async () => {
    for (const [username, hashes] of [
      ['civil-issuer', ['#/', '#/licences', '#/orders', '#/batches', '#/batches/new', '#/catalogue', '#/keys']],
      ['civil-licence-reviewer', ['#/', '#/orders', `#/catalogue/${gradeType}`]],
      ['civil-catalogue-editor', ['#/', '#/catalogue', '#/catalogue/new', `#/catalogue/${gradeType}/edit`]],
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
