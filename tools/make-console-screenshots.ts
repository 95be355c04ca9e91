// `node tools/make-console-screenshots.ts`: walks a licence type, a licence and a batch through the licence desk and writes
// docs/screenshots/console-*.png. Run by hand when the pages change; tests do not write pictures.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { toCsv, transportHeader, transportLicence, transportRow } from '../test/support/batch-rows.ts'
import { createCaller } from '../test/web/support/api.ts'
import { openBrowser } from '../test/web/support/browser.ts'
import { createDesks } from '../test/web/support/desk.ts'
import { fillEntry, sayWhy } from '../test/web/support/licence-desk.ts'
import { civilAffairs, gradeType, makeSealFor, publishTemplate } from '../test/web/support/new-type.ts'
import { startServer } from '../test/web/support/running-server.ts'

const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 844 }

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  const path = join(packageRoot, 'docs', 'screenshots', `console-${name}.png`)
  await page.screenshot({ path, fullPage: true, animations: 'disabled', caret: 'hide' })
  console.log(path)
}

const server = await startServer('localhost')
const browser = await openBrowser()
const { desk } = createDesks(browser, server.url, '/issue')
const call = createCaller(server.url)
const at = async (username: string, hash: string): Promise<Page> => {
  const page = await desk(username)
  await page.goto(`${server.url}/issue${hash}`)
  await page.reload()
  await page.locator('h1').first().waitFor()
  return page
}

async function aType(): Promise<void> {
  const editor = await at('civil-catalogue-editor', '#/catalogue/new')
  await fillEntry(editor)
  await shoot(editor, 'type')
  await editor.getByRole('button', { name: '保存草稿' }).click()
  await editor.locator('.type-title').waitFor()
  const reviewer = await at('civil-licence-reviewer', `#/catalogue/${gradeType}`)
  await reviewer.getByRole('button', { name: '审核通过' }).click()
  await reviewer.getByRole('button', { name: '发布', exact: true }).waitFor()
  await shoot(reviewer, 'review')
  await reviewer.getByRole('button', { name: '发布', exact: true }).click()
  await reviewer.locator('.state-badge', { hasText: '已发布' }).waitFor()
  await publishTemplate(call, gradeType)
  const sealId = await makeSealFor(call, gradeType)
  const assignment = { departmentCode: civilAffairs, sealId }
  await call('civil-licence-reviewer', 'POST', `/api/catalogue/${gradeType}/assignments`, assignment)
  await at('civil-licence-reviewer', '#/catalogue')
  await reviewer.locator('.listed tbody tr').first().waitFor()
  await shoot(reviewer, 'catalogue')
}

async function aLicence(): Promise<void> {
  const issuer = await at('civil-issuer', `#/new/${gradeType}`)
  await issuer.getByRole('button', { name: '用样例填写' }).click()
  await issuer.getByRole('button', { name: '盖章签发' }).click()
  await issuer.locator('dialog').getByRole('button', { name: '盖章签发' }).click()
  await issuer.getByText('签发成功').waitFor()
  await issuer.locator('.document canvas').first().waitFor()
  await issuer.waitForTimeout(1000)
  await shoot(issuer, 'licence')
  await issuer.locator('.acts').getByRole('button', { name: '吊销', exact: true }).click()
  await sayWhy(issuer.locator('dialog'))
  await issuer.setViewportSize(phone)
  await issuer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-act-phone.png') })
  await issuer.setViewportSize(desktop)
  await issuer.locator('dialog').getByRole('button', { name: '吊销', exact: true }).click()
  await issuer.getByText('已提交').waitFor()
  const reviewer = await at('civil-licence-reviewer', '#/')
  await reviewer.getByRole('link', { name: /^吊销 · / }).waitFor()
  await shoot(reviewer, 'desk')
  await at('civil-licence-reviewer', '#/orders')
  await reviewer.getByRole('button', { name: '批准', exact: true }).click()
  await reviewer.locator('dialog .facts').waitFor()
  await reviewer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-order.png') })
}

async function aBatch(): Promise<void> {
  const rows = Array.from({ length: 1_200 }, (_, index) => transportRow(index))
  for (const row of rows.filter((_, index) => index % 200 === 7)) row[1] = '913301990000000000'
  const issuer = await at('transport-issuer', '#/batches/new')
  await issuer.locator(`#batch-type option[value="${transportLicence}"]`).waitFor({ state: 'attached' })
  await issuer.locator('#batch-type').selectOption(transportLicence)
  const buffer = Buffer.from(toCsv([transportHeader, ...rows]))
  await issuer.locator('#batch-file').setInputFiles({ name: '道路运输存量证照.csv', mimeType: 'text/csv', buffer })
  await issuer.getByRole('button', { name: '上传' }).click()
  await issuer.getByRole('button', { name: '确定对应' }).waitFor()
  await shoot(issuer, 'batch-mapping')
  await issuer.getByRole('button', { name: '确定对应' }).click()
  await issuer.getByRole('button', { name: '开始检查' }).click()
  await issuer.getByRole('button', { name: '抽取样本' }).waitFor()
  await issuer.locator('.listed tbody tr').first().waitFor()
  await shoot(issuer, 'batch-checked')
  await issuer.getByRole('button', { name: '抽取样本' }).click()
  await issuer.locator('.samples .button').first().waitFor()
  const reviewer = await at('transport-licence-reviewer', issuer.url().split('/issue')[1]!)
  const samples = reviewer.locator('.samples .button')
  await samples.first().waitFor()
  for (let index = 0; index < (await samples.count()); index++) {
    await samples.nth(index).click()
    await samples.nth(index).getByText('已看').waitFor()
  }
  await reviewer.locator('.sample-page canvas').first().waitFor()
  await reviewer.waitForTimeout(1000)
  await shoot(reviewer, 'batch-sample')
  await reviewer.getByRole('button', { name: '批准样本' }).click()
  await reviewer.locator('dialog').getByRole('button', { name: '批准样本' }).click()
  await reviewer.locator('.state-badge', { hasText: '可以制作' }).waitFor()
  await issuer.reload()
  await issuer.getByRole('button', { name: '开始制作' }).click()
  await issuer.locator('dialog').getByRole('button', { name: '开始制作' }).click()
  await issuer.getByText(/每秒 .* 份/).waitFor()
  await shoot(issuer, 'batch-making')
  await issuer.locator('.state-badge', { hasText: '已完成' }).waitFor({ timeout: 300_000 })
  await at('transport-issuer', '#/statistics')
  await issuer.locator('.columns svg').waitFor()
  await shoot(issuer, 'statistics')
  await issuer.getByRole('button', { name: 'English' }).click()
  await at('transport-issuer', '#/quality')
  await issuer.locator('.listed').first().waitFor()
  await shoot(issuer, 'quality')
}

try {
  await aType()
  await aLicence()
  await aBatch()
} finally {
  await browser.close()
  await server.stop()
}
