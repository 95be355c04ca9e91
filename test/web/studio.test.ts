import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listTemplates } from '../../templates/index.ts'
import { isMissing } from '../support/tools.ts'
import { accessibilityFaults, chromiumPath, openBrowser, openPage, type WatchedPage } from './support/browser.ts'
import { logIn } from './support/desk.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const businessLicence = listTemplates().find(({ name }) => name.zh === '营业执照')!
const foodPermit = listTemplates().find(({ name }) => name.zh === '食品经营许可证')!
const address = `/issue#/templates/${businessLicence.typeCode}`
/** `PICTURES=docs/pictures` keeps what was seen. */
const pictures = process.env['PICTURES']

// One story, told in order: drawn by an editor, approved and published by a reviewer.
describe.skipIf(isMissing(chromiumPath))('the template studio', () => {
  let server: RunningServer
  let browser: Browser
  let editor: Page
  let reviewer: Page
  const watched: WatchedPage[] = []
  let isBroken = false

  const open = async (username: string): Promise<Page> => {
    const opened = await openPage(browser, { viewport: { width: 1360, height: 1000 } })
    watched.push(opened)
    await opened.page.goto(server.url + address)
    await logIn(opened.page, username)
    await opened.page.locator('.canvas > canvas').waitFor()
    return opened.page
  }
  const keep = async (page: Page, name: string) => {
    if (pictures) writeFileSync(join(pictures, name), await page.screenshot())
  }
  const view = (page: Page, name: string) =>
    page.locator('.studio-views').getByRole('button', { name, exact: true }).click()
  /** Millimetres across and down that an element says it stands at. */
  const placeOf = async (element: Locator): Promise<[number, number]> => {
    const label = (await element.getAttribute('aria-label')) ?? ''
    const [, x, y] = /横 ([\d.]+) 毫米，纵 ([\d.]+) 毫米/.exec(label) ?? []
    return [Number(x), Number(y)]
  }
  const qrOf = (page: Page) => page.locator('.canvas-element[aria-label^="二维码"]')

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
    editor = await open('market-catalogue-editor')
  }, 240_000)
  beforeEach(({ skip }) => skip(isBroken))
  afterEach(({ task }) => {
    isBroken ||= task.result?.state === 'fail'
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('shows the page at its true proportion with the specimen under the elements', async () => {
    const page = businessLicence.layout.pages[0]!
    const box = (await editor.locator('.canvas').boundingBox())!
    expect(box.width / box.height).toBeCloseTo(page.width / page.height, 1)
    expect(await editor.locator('.canvas-element').count()).toBe(page.elements.length)
    const qr = page.elements.find(({ kind }) => kind === 'qr') as { x: number; y: number }
    expect(await placeOf(qrOf(editor))).toEqual([qr.x, qr.y])
    await editor.getByText('预览与版面一致').waitFor()
  })

  it('moves an element by keys, half a millimetre a press and five with Shift, and takes it back', async () => {
    const [x, y] = await placeOf(qrOf(editor))
    await qrOf(editor).focus()
    await editor.keyboard.press('ArrowLeft')
    await editor.keyboard.press('Shift+ArrowUp')
    expect(await placeOf(qrOf(editor))).toEqual([x - 0.5, y - 5])
    await editor.getByText('有未保存的修改').waitFor()
    await editor.getByRole('button', { name: '撤销' }).click()
    expect(await placeOf(qrOf(editor))).toEqual([x, y])
  })

  it('moves an element by dragging, in millimetres of the page', async () => {
    const [x, y] = await placeOf(qrOf(editor))
    const canvas = (await editor.locator('.canvas').boundingBox())!
    const perMm = canvas.width / businessLicence.layout.pages[0]!.width
    const box = (await qrOf(editor).boundingBox())!
    await editor.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
    await editor.mouse.down()
    await editor.mouse.move(box.x + box.width / 2 - 4 * perMm, box.y + box.height / 2 - 3 * perMm, { steps: 6 })
    await editor.mouse.up()
    const [afterX, afterY] = await placeOf(qrOf(editor))
    expect(afterX).toBeCloseTo(x - 4, 0)
    expect(afterY).toBeCloseTo(y - 3, 0)
    await editor.getByText('预览与版面一致').waitFor()
    await keep(editor, 'studio-layout.png')
  })

  it('tells what is wrong under its place, and leads there', async () => {
    await editor.locator('#member-x').fill('900')
    await editor.locator('#member-x').press('Enter')
    const fault = editor.locator('.notice.bad')
    await fault.waitFor()
    expect(await fault.textContent()).toContain('超出页面')
    await editor.getByRole('button', { name: '保存草稿' }).click()
    await fault.getByRole('button').first().click()
    expect(await qrOf(editor).getAttribute('aria-pressed')).toBe('true')
    await editor.getByRole('button', { name: '撤销' }).click()
    await fault.waitFor({ state: 'detached' })
  })

  it('shows elements under a condition only then, adds fields, and tries extreme data', async () => {
    await editor.getByRole('button', { name: '+ 文字' }).click()
    await editor.locator('#member-text').fill('附注：{fields.field99}')
    await editor.locator('#member-text').blur()
    await editor.locator('.notice.bad').waitFor()
    await editor.locator('#member-text').fill('仅供研究')
    await editor.locator('#member-text').blur()
    await editor.locator('#member-when').selectOption('empty')
    await editor.locator('.notice.bad').waitFor({ state: 'detached' })
    await view(editor, '数据项')
    await editor.getByRole('button', { name: '添加数据项' }).click()
    await keep(editor, 'studio-fields.png')
    await view(editor, '检查')
    await editor.getByRole('button', { name: '用极端数据检查' }).click()
    await editor.locator('.notice.good, .overflow-table').waitFor()
  })

  it('saves a draft, which its drawer cannot approve', async () => {
    await editor.getByRole('button', { name: '保存草稿' }).click()
    await editor.getByText('第 2 版 · 草稿').waitFor()
    await view(editor, '审批')
    expect(await editor.getByRole('button', { name: '审核通过' }).count()).toBe(0)
  })

  it('is looked at, compared, reviewed and published by another person', async () => {
    reviewer = await open('market-licence-reviewer')
    expect(await reviewer.getByRole('button', { name: '保存草稿' }).count()).toBe(0)
    await view(reviewer, '版本比较')
    await reviewer.getByRole('button', { name: '比较', exact: true }).click()
    const verdict = reviewer.locator('.compare-pages figcaption').first()
    await verdict.waitFor()
    expect(await verdict.textContent()).toMatch(/第 1 页：\d+ 处像素不同/)
    await keep(reviewer, 'studio-compare.png')
    await view(reviewer, '审批')
    await reviewer.getByRole('button', { name: '审核通过' }).click()
    await reviewer.getByText('第 2 版 · 已审核').waitFor()
    await reviewer.getByRole('button', { name: '发布' }).click()
    await reviewer.getByText('第 2 版 · 已发布').waitFor()
    const golden = await reviewer.evaluate(async (path) => {
      const answer = await fetch(path)
      return { type: answer.headers.get('content-type'), bytes: (await answer.arrayBuffer()).byteLength }
    }, `/api/templates/${businessLicence.typeCode}/versions/2/pages/1`)
    expect(golden.type).toBe('image/png')
    expect(golden.bytes).toBeGreaterThan(10_000)
    const described = await (await fetch(`${server.url}/api/catalogue/${businessLicence.typeCode}`)).json()
    expect(described.templateVersion).toBe(2)
  })

  it('still looks as it was published when it is drawn again', async () => {
    await view(reviewer, '标准样张')
    await reviewer.getByRole('button', { name: '立即比对' }).click()
    await reviewer.locator('.state-badge', { hasText: '与标准样张一致' }).waitFor()
    await reviewer.getByRole('button', { name: '看现在的样子' }).click()
    await reviewer.getByText('第 1 页：相同').waitFor()
  })

  it('gets a golden specimen that one person proposes and another looks at and approves', async () => {
    for (const page of [editor, reviewer]) {
      await page.goto(`${server.url}/issue#/templates/${foodPermit.typeCode}`)
      await page.reload()
      await page.locator('.studio-views').waitFor()
    }
    await view(editor, '标准样张')
    await editor.locator('.state-badge', { hasText: '没有标准样张' }).waitFor()
    await editor.getByRole('button', { name: '提出新的标准样张' }).click()
    await editor.getByText('请填写。').waitFor()
    await editor.locator('#golden-reason').fill('随系统提供的版面，核对无误')
    await editor.getByRole('button', { name: '提出新的标准样张' }).click()
    await editor.getByText('待认可的标准样张（第 1 份）').waitFor()
    expect(await editor.getByRole('button', { name: '认可', exact: true }).count()).toBe(0)
    await view(reviewer, '标准样张')
    await reviewer.getByText('随系统提供的版面，核对无误').waitFor()
    expect(await reviewer.getByRole('button', { name: '认可', exact: true }).isDisabled()).toBe(true)
    await reviewer.getByRole('button', { name: '看提出的样子' }).click()
    await reviewer.locator('.compare-pages canvas').first().waitFor()
    await keep(reviewer, 'studio-golden.png')
    await reviewer.getByRole('button', { name: '认可', exact: true }).click()
    await reviewer.locator('.state-badge', { hasText: '与标准样张一致' }).waitFor()
  })

  it('is fit for everybody: no serious fault on any view, nothing complained of', async () => {
    for (const name of ['版面', '数据项', '检查', '版本比较', '审批', '标准样张']) {
      await view(editor, name)
      expect(await accessibilityFaults(editor), name).toEqual([])
    }
    expect(watched.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})
