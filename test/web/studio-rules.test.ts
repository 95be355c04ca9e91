import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listTemplates } from '../../templates/index.ts'
import { isMissing } from '../support/tools.ts'
import {
  accessibilityFaults,
  chromiumPath,
  openBrowser,
  openPage,
  overflowOf,
  type WatchedPage,
} from './support/browser.ts'
import { logIn } from './support/desk.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const permit = listTemplates().find(({ name }) => name.zh === '食品经营许可证')!
/** `PICTURES=docs/pictures` keeps what was seen. */
const pictures = process.env['PICTURES']

// One story, told in order: all that a definition says beside its elements, by forms.
describe.skipIf(isMissing(chromiumPath))('number, groups, pages and sample of a template', () => {
  let server: RunningServer
  let browser: Browser
  let watched: WatchedPage
  let page: Page
  let isBroken = false

  const view = (name: string) => page.locator('.studio-views').getByRole('button', { name, exact: true }).click()
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const isDrawn = () => page.getByText('预览与版面一致').waitFor()
  const expectFit = async (): Promise<void> => {
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    await page.setViewportSize({ width: 1360, height: 1000 })
  }

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
    watched = await openPage(browser, { viewport: { width: 1360, height: 1000 } })
    page = watched.page
    await page.goto(`${server.url}/issue#/templates/${permit.typeCode}`)
    await logIn(page, 'market-catalogue-editor')
    await page.locator('.canvas > canvas').waitFor()
  }, 240_000)
  beforeEach(({ skip }) => skip(isBroken))
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('gives the number another part, shows how it will read, and tells where it breaks its rule', async () => {
    await view('编号与规则')
    await page.getByText('例：JY1330102000003#').waitFor()
    await page.locator('#number-restarts').selectOption({ label: '每年' })
    await page.locator('#number-restarts-fault', { hasText: '重新起算' }).waitFor()
    await button('添加一段').click()
    await page.locator('#part-kind-4').selectOption({ label: '年份' })
    await button('上移第 5 段').click()
    await button('上移第 4 段').click()
    await page.getByText(new RegExp(`例：JY1330102${new Date().getFullYear()}000003#`)).waitFor()
    await isDrawn()
    await expectFit()
    if (pictures) writeFileSync(join(pictures, 'studio-rules.png'), await page.screenshot({ fullPage: true }))
  })

  it('names groups, and moves a field from one to another', async () => {
    await page.locator('#group-zh-2').fill('监督管理')
    await page.locator('#group-zh-2').press('Tab')
    await page.getByLabel('“签发人”所在组').selectOption({ label: '许可事项' })
    await page
      .locator('fieldset', { has: page.locator('#group-zh-1') })
      .getByText('签发人')
      .first()
      .waitFor()
    await isDrawn()
  })

  it('fills in the rows of the sample by cells', async () => {
    await view('数据项')
    await page.locator('summary', { hasText: '明细表' }).click()
    const rows = (permit.example['items'] as unknown[]).length
    await button('添加样例行').click()
    const cell = page.locator(
      `#field-sample-${permit.fields.findIndex(({ name }) => name === 'items')}-${rows}-category`,
    )
    await cell.fill('热食类')
    await cell.press('Tab')
    await page.getByLabel('项目', { exact: true }).last().fill('热食类食品制售')
    await page.getByLabel('项目', { exact: true }).last().press('Tab')
    await isDrawn()
    expect(await accessibilityFaults(page)).toEqual([])
  })

  it('adds a page and takes it out again, with the seal on a page that is there', async () => {
    await view('版面')
    await button('+ 添加一页').click()
    const second = page.getByRole('button', { name: '第 2 页' })
    expect(await second.getAttribute('aria-current')).toBe('page')
    await page.getByLabel('印章所在页').selectOption({ label: '第 2 页' })
    await page.locator('.canvas-seal').waitFor()
    await isDrawn()
    await button('删除本页').click()
    await page.locator('.canvas-seal').waitFor()
    await isDrawn()
  })

  it('shows the further page with the column that texts go on in, and gives it another width', async () => {
    await page.getByRole('button', { name: '续页' }).click()
    await page.locator('.canvas-column').waitFor()
    const width = page.locator('#column-width')
    await width.fill('500')
    await width.press('Tab')
    await page.locator('.notice.bad').waitFor()
    await button('撤销').click()
    await isDrawn()
    await expectFit()
  })

  it('copies an element beside itself', async () => {
    await page.getByRole('navigation', { name: '页面' }).getByRole('button', { name: '第 1 页' }).click()
    await page.locator('.element-list button', { hasText: '文字' }).first().click()
    const before = await page.locator('.element-list li').count()
    await button('复制元素').click()
    await page.locator('.element-list li').nth(before).waitFor()
    await button('撤销').click()
    await isDrawn()
  })

  it('saves all of it, as the server has it', async () => {
    await button('保存草稿').click()
    await page.getByText('第 2 版 · 草稿').waitFor()
    expect(watched.complaints).toEqual([])
  })
})
