// `node tools/make-console-screenshots.ts`: walks a licence type, a licence and a batch through the licence desk and writes
// docs/screenshots/console-*.png; with names (type-and-licence, batch, beside, stock, queues) only those parts of the walk. Run by hand when the pages
// change; tests do not write pictures.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { makeZip } from '../test/licence-service/batches/make-zip.ts'
import {
  creditCodeOf,
  toCsv,
  transportData,
  transportHeader,
  transportLicence,
  transportRow,
} from '../test/support/batch-rows.ts'
import { createCaller } from '../test/web/support/api.ts'
import { openBrowser } from '../test/web/support/browser.ts'
import { createDesks } from '../test/web/support/desk.ts'
import { fetchLicences } from '../test/web/support/licence.ts'
import { fillEntry, sayWhy } from '../test/web/support/licence-desk.ts'
import { civilAffairs, gradeType, makeSealFor, publishTemplate } from '../test/web/support/new-type.ts'
import { startServer } from '../test/web/support/running-server.ts'
import { signCatalogue } from '../test/web/support/signed-catalogue.ts'

const businessLicence = '11100000MB0143028R001'
const desktop = { width: 1280, height: 860 }
const phone = { width: 390, height: 844 }

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  await page.evaluate(() => globalThis.scrollTo(0, 0))
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

async function besideALicence(): Promise<void> {
  const identifier = (await fetchLicences(server.url))[0]?.identifier ?? ''
  const issuer = await at('market-issuer', `#/licences/${identifier}`)
  await issuer.locator('.record summary', { hasText: '加注件' }).click()
  await issuer.getByRole('button', { name: '制作加注件' }).click()
  await issuer.locator('#copy-purpose').fill('仅供办理贷款使用')
  await issuer.locator('#copy-recipient').fill('云汀银行股份有限公司')
  await issuer.locator('dialog .choice-boxes input').first().check()
  await issuer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-copy.png') })
  await issuer.locator('dialog').getByRole('button', { name: '制作加注件' }).click()
  await issuer.getByText('已制作。').waitFor()
  await issuer.locator('.record summary', { hasText: '纸质打印记录' }).click()
  await issuer.locator('#paper-serial').fill('YT-2026-000017')
  await issuer.getByRole('button', { name: '取打印文件' }).click()
  await issuer.locator('.record tbody tr', { hasText: 'YT-2026-000017' }).waitFor()
  await shoot(issuer, 'records')
}

async function shared(): Promise<void> {
  const agreement = {
    ...{ consumerCode: '11330199MB33012983', typeCode: '11100000000013338W101', fields: ['project'] },
    ...{
      matterCodes: ['000118001000'],
      legalBasis: '《优化营商环境条例》第三十七条',
      dailyUses: 1_000,
      dailyHolders: 500,
    },
    ...{ validFrom: '2026-01-01T00:00:00+08:00', validUntil: '2030-01-01T00:00:00+08:00' },
  }
  const { fields } = await call<{ fields: readonly { name: string }[] }>(
    'market-issuer',
    'GET',
    `/api/catalogue/${agreement.typeCode}`,
  )
  const offer = { ...agreement, fields: fields.slice(0, 2).map(({ name }) => name) }
  await call('housing-licence-reviewer', 'POST', '/api/sharing/agreements', offer)
  const matter = { matterCode: '000118001000', name: '道路运输经营许可' }
  await call('transport-licence-reviewer', 'POST', '/api/sharing/matters', matter)
  const consumer = await at('transport-licence-reviewer', '#/sharing')
  await consumer.locator('tbody tr', { hasText: '待对方接受' }).waitFor()
  await shoot(consumer, 'sharing')
}

/** Paper stock: a scan at its licence, scans beside the samples of a batch, scans by grade; sources, and a form that licences fill. */
async function paperStock(): Promise<void> {
  const data = transportData(10)
  const { identifier } = await call<{ identifier: string }>('transport-issuer', 'POST', '/api/licences', {
    ...{ typeCode: transportLicence, data },
  })
  const issuer = await at('transport-issuer', `#/licences/${identifier}`)
  await issuer.locator('.document canvas').first().waitFor()
  await issuer.waitForTimeout(1000)
  // A page as it is drawn stands for the scan of one.
  const scan = await issuer.locator('.document canvas').first().screenshot()
  await issuer.locator('.record summary', { hasText: '纸质证照扫描件' }).click()
  await issuer.locator('#scan-file').setInputFiles({ name: '正本.png', mimeType: 'image/png', buffer: scan })
  await issuer.locator('#scan-grade').selectOption('B')
  await issuer.getByRole('button', { name: '添加扫描件' }).click()
  await issuer.getByText('已添加。').waitFor()
  await shoot(issuer, 'scans-licence')
  await at('transport-issuer', '#/batches/new')
  await issuer.locator(`#batch-type option[value="${transportLicence}"]`).waitFor({ state: 'attached' })
  await issuer.locator('#batch-type').selectOption(transportLicence)
  const buffer = Buffer.from(toCsv([transportHeader, transportRow(10), transportRow(11)]))
  await issuer.locator('#batch-file').setInputFiles({ name: '存量证照.csv', mimeType: 'text/csv', buffer })
  await issuer.getByRole('button', { name: '上传' }).click()
  await issuer.locator('summary', { hasText: '照片与扫描件' }).click()
  const zip = Buffer.from(makeZip({ [`${creditCodeOf(10)}-1.png`]: scan, [`${creditCodeOf(11)}.png`]: scan }))
  await issuer.locator('#batch-pictures').setInputFiles({ name: '扫描.zip', mimeType: 'application/zip', buffer: zip })
  await issuer.getByText('已收到 扫描.zip。').waitFor()
  await issuer.locator('#scans-by').selectOption('beginnings')
  await issuer.locator('#scans-column').selectOption('统一社会信用代码')
  await issuer.locator('#scans-grade').selectOption('C')
  await shoot(issuer, 'scans-mapping')
  await issuer.getByRole('button', { name: '确定对应' }).click()
  await issuer.getByRole('button', { name: '开始检查' }).click()
  await issuer.getByRole('button', { name: '抽取样本' }).click()
  await issuer.locator('.samples .button').first().waitFor()
  const reviewer = await at('transport-licence-reviewer', issuer.url().split('/issue')[1]!)
  await reviewer.locator('.samples .button').first().click()
  await reviewer.locator('.sample-scans .button').first().click()
  await reviewer.locator('.sample-pair .scan-picture').waitFor()
  await reviewer.waitForTimeout(1000)
  await shoot(reviewer, 'scans-sample')
  await at('transport-licence-reviewer', '#/scans')
  await reviewer.locator('.listed tbody tr').first().waitFor()
  await shoot(reviewer, 'scans')
  await reviewer.getByRole('button', { name: '查看' }).first().click()
  await reviewer.locator('dialog .scan-picture').waitFor()
  await reviewer.setViewportSize(phone)
  await reviewer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-scan-phone.png') })
  await reviewer.setViewportSize(desktop)
}

async function sourcesAndForms(): Promise<void> {
  const reviewer = await at('transport-licence-reviewer', '#/sources')
  await reviewer.getByRole('button', { name: '接入来源' }).click()
  await reviewer.locator('#source-name').fill('旧道路运输系统')
  await reviewer.locator('#source-client').fill('client:yunzheng')
  await reviewer.locator('.choice-boxes input').first().check()
  await reviewer.locator('#source-origins').fill('https://files.yunting.example')
  await shoot(reviewer, 'source')
  await reviewer.locator('form').getByRole('button', { name: '接入来源' }).click()
  await reviewer.locator('.sources tbody tr').getByRole('button', { name: '证照与报告' }).click()
  await reviewer.getByText('还没有送来证照。').waitFor()
  await shoot(reviewer, 'sources')
  await at('transport-licence-reviewer', '#/sharing')
  await reviewer.getByRole('button', { name: '设定表单' }).click()
  await reviewer.locator('#prefill-form').fill('XK-2026-01')
  await reviewer.locator('#prefill-form-field-0').fill('qymc')
  await reviewer.locator('#prefill-type-0').selectOption(transportLicence)
  await reviewer.locator('#prefill-field-0 option[value="operator"]').waitFor({ state: 'attached' })
  await reviewer.locator('#prefill-field-0').selectOption('operator')
  await reviewer.getByRole('button', { name: '增加一行' }).click()
  await reviewer.locator('#prefill-form-field-1').fill('tyshxydm')
  await reviewer.locator('#prefill-field-1').selectOption('creditCode')
  await reviewer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-prefill.png') })
}

async function cases(): Promise<void> {
  const { example } = await call<{ example: object }>('market-issuer', 'GET', `/api/catalogue/${businessLicence}`)
  for (const [index, applicant] of ['云汀市沐风茶业有限公司', '云汀市青禾农业有限公司', '云汀市望江书店'].entries())
    await call('market-issuer', 'POST', '/api/approvals', {
      ...{
        caseNumber: `YT2026-11-000${index + 1}`,
        itemCode: '000131001000',
        typeCode: businessLicence,
        data: example,
      },
      ...{ applicant: { name: applicant, code: '330102199003070027' }, decidedAt: '2026-11-20T02:00:00Z' },
    })
  const reviewer = await at('market-licence-reviewer', '#/cases')
  await reviewer.locator('#grant-client').fill('client:approvals')
  await reviewer.locator(`#grant-type option[value="${businessLicence}"]`).waitFor({ state: 'attached' })
  await reviewer.locator('#grant-type').selectOption(businessLicence)
  await reviewer.getByRole('button', { name: '授权', exact: true }).click()
  await reviewer.locator('tbody tr', { hasText: 'client:approvals' }).waitFor()
  const issuer = await at('market-issuer', '#/cases')
  await issuer.locator('tbody tr').first().waitFor()
  await shoot(issuer, 'cases')
  await shoot(reviewer, 'grants')
}

async function personalData(): Promise<void> {
  const identifier = (await fetchLicences(server.url))[0]?.identifier ?? ''
  await call('market-issuer', 'POST', `/api/licences/${identifier}/revocations`, { reason: '提交虚假材料取得登记' })
  const reviewer = await at('market-licence-reviewer', `#/licences/${identifier}`)
  await reviewer.locator('.record summary', { hasText: '清除个人信息' }).click()
  await reviewer.locator('#erasure-cause').selectOption('court-order')
  await reviewer.getByRole('button', { name: '申请清除' }).click()
  await reviewer.getByText('待另一位审核员决定').waitFor()
  await at('market-licence-reviewer', '#/personal-data')
  await reviewer.locator('tbody tr', { hasText: identifier }).waitFor()
  await shoot(reviewer, 'personal-data')
  await reviewer.getByRole('button', { name: '不同意' }).click()
  await reviewer.locator('dialog').getByRole('button', { name: '不同意' }).click()
  await reviewer.getByText('申请的人不能自己决定。').waitFor()
  await reviewer.screenshot({ path: join(packageRoot, 'docs', 'screenshots', 'console-refusal.png') })
}

async function accesses(): Promise<void> {
  const search = (matterCode: string, typeCode: string) =>
    call('housing-licence-user', 'POST', '/api/shared/searches', {
      ...{ matterCode, purpose: '核验申请企业', holderCode: '91330199MA2CHX6T2X', typeCode },
    })
  const refused = async (matterCode: string, typeCode: string) => {
    const answer = await search(matterCode, typeCode).catch((error: Error) => error)
    if (!(answer instanceof Error)) throw new Error('this search is to be refused')
  }
  await refused('000118002000', businessLicence)
  const matter = { matterCode: '000118002000', name: '建筑工程施工许可' }
  await call('housing-licence-reviewer', 'POST', '/api/sharing/matters', matter)
  await refused('000118002000', transportLicence)
  await search('000118002000', businessLicence)
  const auditor = await at('city-auditor', '#/accesses')
  await auditor.locator('tbody tr').nth(2).waitFor()
  await shoot(auditor, 'accesses')
}

async function importedCatalogue(): Promise<void> {
  const editor = await at('market-catalogue-editor', '#/catalogue/import')
  const ours = await (await fetch(`${server.url}/api/catalogue-file`)).text()
  const { entries } = JSON.parse(Buffer.from(ours.split('.')[1] ?? '', 'base64url').toString())
  const code = '11330199MB3301255M'
  const taken = entries.slice(0, 3).map(({ entry }: { entry: { definedBy: object } }, index: number) => ({
    ...{ typeCode: `${code}80${index + 1}`, entry: { ...entry, definedBy: { ...entry.definedBy, code } } },
  }))
  const file = signCatalogue(taken, 'https://licence.neighbour.example', new Date('2026-11-01T00:00:00Z'))
  const upload = { name: '邻市证照目录.jws', mimeType: 'application/jose', buffer: file }
  await editor.locator('#catalogue-file').setInputFiles(upload)
  await editor.getByRole('button', { name: '试读' }).click()
  await editor.getByText('新增 3 种').waitFor()
  await shoot(editor, 'import')
}

const parts = {
  'type-and-licence': [aType, aLicence],
  batch: [aBatch],
  beside: [besideALicence, shared],
  stock: [paperStock, sourcesAndForms],
  queues: [cases, personalData, accesses, importedCatalogue],
} as const
const named = process.argv.slice(2)

try {
  for (const [name, walks] of Object.entries(parts))
    for (const walk of named.length === 0 || named.includes(name) ? walks : []) await walk()
} finally {
  await browser.close()
  await server.stop()
}
