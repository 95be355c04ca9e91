import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listTemplates } from '../../templates/index.ts'
import { isMissing } from '../support/tools.ts'
import { accessibilityFaults, chromiumPath, openBrowser, openPage, type WatchedPage } from './support/browser.ts'
import { hasFocus, pressOn, tabTo, writeIn } from './support/keyboard.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const permit = listTemplates().find(({ name }) => name.zh === '食品经营许可证')!
const address = `/issue#/templates/${permit.typeCode}`
/** `PICTURES=docs/pictures` keeps what was seen. */
const pictures = process.env['PICTURES']

// One story, told in order and by keys alone: after a page is opened nobody touches a mouse.
describe.skipIf(isMissing(chromiumPath))('the template studio without a mouse', () => {
  let server: RunningServer
  let browser: Browser
  let editor: Page
  const watched: WatchedPage[] = []
  let isBroken = false

  const open = async (username: string): Promise<Page> => {
    const opened = await openPage(browser, { viewport: { width: 1360, height: 1000 } })
    watched.push(opened)
    const { page } = opened
    await page.goto(server.url + address)
    await page.locator('#username:focus').waitFor()
    await page.keyboard.type(username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(`demo-${username}`)
    await page.keyboard.press('Enter')
    await page.locator('.canvas > canvas').waitFor()
    return page
  }
  const labelOf = async (element: Locator): Promise<string> => (await element.getAttribute('aria-label')) ?? ''
  const chosen = (): Locator => editor.locator('.canvas-element.chosen')
  const keep = async (name: string) => {
    if (pictures) writeFileSync(join(pictures, name), await editor.screenshot({ fullPage: true }))
  }
  /** Goes through the page's elements until one of a kind is chosen. */
  const walkTo = async (kind: string) => {
    for (const _ of permit.layout.pages[0]!.elements) {
      if (await hasFocusOn(kind)) return
      await editor.keyboard.press('PageDown')
    }
    expect(await hasFocusOn(kind)).toBe(true)
  }
  const hasFocusOn = (kind: string) =>
    editor.evaluate((start) => document.activeElement?.getAttribute('aria-label')?.startsWith(start) ?? false, kind)

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

  it('is one stop of the Tab key on the page, with Page Up and Page Down from element to element', async () => {
    expect(await editor.locator('.canvas [tabindex="0"]').count()).toBe(1)
    await tabTo(editor, await labelOf(editor.locator('.canvas [tabindex="0"]')))
    await walkTo('二维码')
    expect(await labelOf(chosen())).toMatch(/^二维码/)
  })

  it('moves an element by half a millimetre, with Shift by five, and takes it back by Ctrl+Z', async () => {
    const qr = permit.layout.pages[0]!.elements.find(({ kind }) => kind === 'qr') as { x: number; y: number }
    const at = (x: number, y: number) => `二维码，横 ${x.toFixed(1)} 毫米，纵 ${y.toFixed(1)} 毫米`
    await editor.keyboard.press('ArrowLeft')
    expect(await labelOf(chosen())).toBe(at(qr.x - 0.5, qr.y))
    await editor.keyboard.press('ControlOrMeta+z')
    expect(await labelOf(chosen())).toBe(at(qr.x, qr.y))
    await editor.keyboard.press('Shift+ArrowUp')
    expect(await labelOf(chosen())).toBe(at(qr.x, qr.y - 5))
  })

  it('removes an element and has it back, with the focus never lost', async () => {
    const count = await editor.locator('.canvas-element').count()
    await editor.keyboard.press('Delete')
    expect(await editor.locator('.canvas-element').count()).toBe(count - 1)
    expect(await hasFocus(editor, await labelOf(chosen()))).toBe(true)
    await editor.keyboard.press('ControlOrMeta+z')
    expect(await editor.locator('.canvas-element').count()).toBe(count)
  })

  it('gives a table another column, with its heading in two languages, its width and its alignment', async () => {
    for (let at = 0; at < 60; at++) await editor.keyboard.press('PageUp')
    await walkTo('明细表')
    await pressOn(editor, '添加一列')
    await editor.locator('#column-width-3').waitFor()
    await writeIn(editor, '#column-title-en-3', 'Class', 'Shift+Tab')
    await writeIn(editor, '#column-title-3', '分类', 'Shift+Tab')
    await writeIn(editor, '#column-width-3', '900', 'Shift+Tab')
    const fault = editor.locator('#column-width-3-fault, .element-panel .fault', { hasText: '超出页面' })
    await fault.first().waitFor()
    await writeIn(editor, '#column-width-2', '20', 'Shift+Tab')
    await writeIn(editor, '#column-width-3', '15')
    await tabTo(editor, '#column-align-3')
    await editor.keyboard.press('ArrowDown')
    expect(await editor.locator('#column-align-3').inputValue()).toBe('centre')
    await editor.getByText('合计 117.0 毫米').waitFor()
    await editor.locator('.notice.bad').waitFor({ state: 'detached' })
    await editor.getByText('预览与版面一致').waitFor()
  })

  it('moves the column to the front and keeps the focus on it', async () => {
    await tabTo(editor, '上移第 4 列', 'Shift+Tab')
    for (let at = 0; at < 3; at++) await editor.keyboard.press('Enter')
    expect(await hasFocus(editor, '上移第 1 列')).toBe(true)
    expect(await editor.locator('#column-title-0').inputValue()).toBe('分类')
    await keep('studio-table.png')
    expect(await accessibilityFaults(editor)).toEqual([])
  })

  it('puts a row of labels in, with a field of the type picked for it', async () => {
    await pressOn(editor, '+ 标签行')
    await pressOn(editor, '添加一行', 'Shift+Tab')
    await tabTo(editor, '在“内容”中插入数据项', 'Shift+Tab')
    await editor.keyboard.press('ArrowDown')
    await pressOn(editor, '插入')
    expect(await editor.locator('#row-text-1').inputValue()).toContain('{fields.operator}')
    await pressOn(editor, '删除元素')
    expect(await hasFocus(editor, '#element-title')).toBe(true)
  })

  it('puts a ruled form in: cells are chosen, joined and given rows, and what is wrong stands beside its millimetres', async () => {
    await pressOn(editor, '+ 表格')
    await pressOn(editor, '第 1 行第 2 列 ·', 'Shift+Tab')
    await writeIn(editor, '#cell-text', '{fields.operator}')
    await pressOn(editor, '下面加一行')
    await expect.poll(() => editor.locator('.grid-cells tr').count()).toBe(3)
    expect(await hasFocus(editor, '第 1 行第 2 列 {fields.operator}')).toBe(true)
    await pressOn(editor, '与下面合并')
    await editor.locator('.grid-cells td[rowspan="2"]').waitFor()
    await writeIn(editor, '#grid-height-2', '0')
    await editor.locator('#grid-height-2-fault', { hasText: '数值应在' }).waitFor()
    expect(await accessibilityFaults(editor)).toEqual([])
    await keep('studio-grid.png')
    await pressOn(editor, '删除元素')
    await editor.locator('.notice.bad').waitFor({ state: 'detached' })
  })

  it('gives a table field another column, and tells what is wrong with its name beside it', async () => {
    const index = permit.fields.findIndex(({ type }) => type === 'table')
    const { label, name, columns = [] } = permit.fields[index]!
    const id = `#field-column-${index}-name-${columns.length}`
    await pressOn(editor, '数据项', 'Shift+Tab')
    await pressOn(editor, `${label.zh} ${name} · 明细表`)
    await pressOn(editor, '添加一列')
    await writeIn(editor, id, 'two words', 'Shift+Tab')
    await editor.locator(`${id}-fault`, { hasText: '不允许的字符' }).waitFor()
    expect(await hasFocus(editor, id)).toBe(true)
    await editor.keyboard.press('ControlOrMeta+a')
    await editor.keyboard.type('note')
    await editor.keyboard.press('Enter')
    await editor.locator('.notice.bad').waitFor({ state: 'detached' })
    await keep('studio-field-columns.png')
    expect(await accessibilityFaults(editor)).toEqual([])
  })

  it('saves the draft, and another person reviews and publishes it', async () => {
    await pressOn(editor, '保存草稿', 'Shift+Tab')
    await editor.getByText('第 2 版 · 草稿').waitFor()
    const reviewer = await open('market-licence-reviewer')
    await tabTo(reviewer, '版本比较')
    await pressOn(reviewer, '审批')
    await pressOn(reviewer, '审核通过')
    await reviewer.getByText('第 2 版 · 已审核').waitFor()
    await tabTo(reviewer, '审批', 'Shift+Tab')
    await pressOn(reviewer, '发布')
    await reviewer.getByText('第 2 版 · 已发布').waitFor()
    const published = await (await fetch(`${server.url}/api/catalogue/${permit.typeCode}`)).json()
    expect(published.templateVersion).toBe(2)
    expect(watched.flatMap(({ complaints }) => complaints)).toEqual([])
  })
})
