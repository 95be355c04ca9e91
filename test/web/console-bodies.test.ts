// A licence on an uploaded document (批文), from the file a clerk chooses to the public page, at both widths.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drawSheet } from '../../templates/draw/index.ts'
import { openFonts } from '../../templates/index.ts'
import { makeApproval } from '../licence-service/bodies-desk.ts'
import { isMissing } from '../support/tools.ts'
import { createCaller } from './support/api.ts'
import { accessibilityFaults, chromiumPath, openBrowser, openPage, overflowOf } from './support/browser.ts'
import { createDesks } from './support/desk.ts'
import { civilAffairs, makeSealFor } from './support/new-type.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

/** A folder to keep screenshots in, for whoever wants to look. */
const pictures = process.env['KEEP_PICTURES']
const typeCode = `${civilAffairs}951`
const entry = {
  ...{ name: { zh: '社会组织章程核准批复', en: 'Approval of an association’s charter' }, category: 'approval' },
  definedBy: { code: civilAffairs, name: { zh: '云汀市民政局', en: 'Civil Affairs Bureau' }, level: 'prefectural' },
  ...{ items: [], holders: ['organisation'], validityRanges: ['长期'], issuingAuthority: '云汀市民政局' },
  ...{ issuerLevels: ['prefectural'], sharing: { class: 'unconditional', fields: ['holderName'] }, secondPerson: [] },
  ...{ renewalDays: 0, statusWords: {}, uniqueBy: 'nothing', body: 'uploaded' },
  retention: { archiveAfterDays: 365, eraseAfterDays: null },
}

/** The approval as its department wrote it. */
const makeDocument = async (): Promise<Buffer> => {
  const lines = [
    '云汀市沐禾食品行业协会：',
    '你会报来的《关于申请核准章程的请示》及有关材料收悉。经审查，该章程符合《社会团体登记管理条例》的规定，',
    '并经会员大会表决通过。现予核准，自批复之日起生效。请据此开展活动，接受业务主管单位和登记管理机关的监督检查。',
  ]
  const blocks = [
    { kind: 'title', text: '云汀市民政局关于核准社会组织章程的批复' } as const,
    ...lines.map((text) => ({ kind: 'text', text }) as const),
  ]
  return Buffer.from(drawSheet({ title: '批复', footer: '云民许〔2026〕18 号', blocks }, await openFonts()))
}

describe.skipIf(isMissing(chromiumPath))('the licence desk with uploaded documents', { timeout: 300_000 }, () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createDesks>
  let page: Page

  const keep = async (name: string, of: Page = page) => {
    if (pictures) writeFileSync(join(pictures, name), await of.screenshot({ fullPage: true }))
  }
  const file = (name: string, buffer: Buffer) => ({ name, mimeType: 'application/pdf', buffer })
  const input = () => page.locator('.body-input input[type=file]')

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createDesks(browser, server.url, '/issue')
    const call = createCaller(server.url)
    const [editor, reviewer] = ['civil-catalogue-editor', 'civil-licence-reviewer']
    const at = `/api/catalogue/${typeCode}`
    const { entryDigest } = await call<{ entryDigest: string }>(editor, 'PUT', `${at}/draft`, { entry, replaces: null })
    for (const step of ['reviews', 'publications']) await call(reviewer, 'POST', `${at}/${step}`, { entryDigest })
    const template = `/api/templates/${typeCode}`
    const { definition } = await call<{ definition: object }>(editor, 'GET', `${template}/draft`)
    const drawn = await call<{ definitionDigest: string }>(editor, 'PUT', `${template}/draft`, {
      ...{ definition, replaces: null },
    })
    const { definitionDigest } = drawn
    for (const step of ['reviews', 'publications'])
      await call(reviewer, 'POST', `${template}/${step}`, { definitionDigest })
    const sealId = await makeSealFor(call, typeCode)
    await call(reviewer, 'POST', `${at}/assignments`, { departmentCode: civilAffairs, sealId })
    page = await desks.desk('civil-issuer')
  }, 360_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('has its places said in the studio: pages for code and seal, or words that the seal stands on', async () => {
    const editor = await desks.desk('civil-catalogue-editor')
    await editor.goto(`${server.url}/issue#/templates/${typeCode}`)
    await editor.locator('#body-qr').selectOption('first')
    await editor.locator('#body-seal').selectOption('words')
    await editor.locator('#body-text').fill('云汀市民政局')
    await editor.locator('#body-up').fill('5')
    await editor.locator('#body-up').press('Tab')
    await keep('bodies-studio.png', editor)
    expect(await accessibilityFaults(editor)).toEqual([])
    await editor.getByRole('button', { name: '保存草稿' }).click()
    await editor.getByText('有未保存的修改').waitFor({ state: 'hidden' })
    const saved = await editor.evaluate(
      async (path) => (await (await fetch(path)).json()).definition.body,
      `/api/templates/${typeCode}/draft`,
    )
    expect(saved).toEqual({ qr: { page: 'first' }, seal: { text: '云汀市民政局', right: 0, up: 5 } })
  })

  it('says what is wrong with a file before anything is issued, in the words of the language', async () => {
    await page.goto(`${server.url}/issue#/new/${typeCode}`)
    await input().waitFor()
    await input().setInputFiles(file('脚本.pdf', Buffer.from(await makeApproval({ script: true }))))
    await page.getByText('文件含有脚本或会自动执行的动作').waitFor()
    await input().setInputFiles(file('表格.pdf', Buffer.from('no pdf at all')))
    await page.getByText('文件不是 PDF。').waitFor()
    await page.getByRole('button', { name: '填写完毕，签发' }).or(page.locator('.mint-act')).first().click()
    await page.getByText('请上传文件').first().waitFor()
    await keep('bodies-refused.png')
  })

  it('shows the document with frames, by keyboard moves code and seal, keeps all in the draft', async () => {
    const crowded = Buffer.from(await makeApproval({ pages: 1, lines: [{ text: 'Civil Affairs', x: 110, y: 110 }] }))
    await input().setInputFiles(file('挤满的批复.pdf', crowded))
    await page.getByText('二维码会盖住页面上的文字或批注').first().waitFor()
    await page.getByRole('button', { name: '用样例填写' }).click()
    await page.getByText('二维码会盖住页面上的文字或批注').nth(1).waitFor()
    await page.locator('.preview canvas').first().waitFor()
    await keep('bodies-crowded.png')
    await input().setInputFiles(file('章程核准批复.pdf', await makeDocument()))
    await page.getByText('章程核准批复.pdf：1 页').waitFor()
    await page.locator('.preview canvas').first().waitFor()
    const move = page.getByRole('checkbox', { name: '由我指定二维码和印章的位置' })
    await move.focus()
    await page.keyboard.press('Space')
    const left = page.locator('.body-places fieldset').first().locator('input').first()
    await left.focus()
    await page.keyboard.press('ArrowUp')
    await page.keyboard.press('Tab')
    expect(await left.inputValue()).toBe('31')
    await page.waitForFunction(() => Object.values(sessionStorage).some((kept) => kept.includes('"x":31')))
    await page.reload()
    await page.getByText('章程核准批复.pdf：1 页').waitFor()
    expect(await left.inputValue()).toBe('31')
    await page.locator('.preview canvas').first().waitFor()
    expect(await accessibilityFaults(page)).toEqual([])
    await keep('bodies-form.png')
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await keep('bodies-form-phone.png')
    await page.setViewportSize({ width: 1280, height: 860 })
  })

  it('issues it, and a stranger who drops it on the public page is told that it is genuine and in force', async () => {
    await page.locator('.mint-act').click()
    await page.locator('dialog .button.main').click()
    await page.waitForFunction(() => location.hash.endsWith('/issued'))
    await page.locator('canvas').first().waitFor()
    await keep('bodies-issued.png')
    const identifier = decodeURIComponent(page.url().split('#/licences/')[1]!.split('/')[0]!)
    const document = await page.evaluate(async (path) => {
      const response = await fetch(path)
      return [...new Uint8Array(await response.arrayBuffer())]
    }, `/api/licences/${identifier}/document`)
    const stranger = await openPage(browser)
    await stranger.page.goto(`${server.url}/verify`)
    await stranger.page
      .locator('input[type=file]')
      .first()
      .setInputFiles(file('批复.pdf', Buffer.from(document)))
    await stranger.page.getByText('证照真实有效').or(stranger.page.locator('.verdict')).first().waitFor()
    await stranger.page.waitForTimeout(500)
    await keep('bodies-verified.png', stranger.page)
    expect(await stranger.page.locator('main').innerText()).toContain('有效')
    expect(stranger.complaints).toEqual([])
    await stranger.close()
    if (pictures) writeFileSync(join(pictures, 'bodies.pdf'), Buffer.from(document))
  })
})
