import { Buffer } from 'node:buffer'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatIdentifier } from '../../licence-format/index.ts'
import { makeZip } from '../licence-service/batches/make-zip.ts'
import { makePdf } from '../pades/documents.ts'
import {
  creditCodeOf,
  toXlsx,
  transportData,
  transportHeader,
  transportLicence,
  transportRow,
} from '../support/batch-rows.ts'
import { isMissing } from '../support/tools.ts'
import { createCaller } from './support/api.ts'
import { accessibilityFaults, chromiumPath, openBrowser, overflowOf } from './support/browser.ts'
import { createDesks } from './support/desk.ts'
import { tabTo } from './support/licence-desk.ts'
import { makeSealFor } from './support/new-type.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const issuer = 'transport-issuer'
const reviewer = 'transport-licence-reviewer'
const transport = { stem: 'transport', code: '11330199MB33012983', name: '云汀市交通运输局' }

describe.skipIf(isMissing(chromiumPath))('the licence desk about paper stock, sources and forms', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createDesks>
  let call: ReturnType<typeof createCaller>
  let scan: Buffer

  const at = async (username: string, hash: string): Promise<Page> => {
    const page = await desks.desk(username)
    await page.goto(`${server.url}/issue${hash}`)
    await page.locator('h1').waitFor()
    return page
  }
  /** No sideways scroll on a phone, and no serious fault, as the page stands. */
  const expectFit = async (page: Page): Promise<void> => {
    await page.setViewportSize({ width: 390, height: 844 })
    expect(await overflowOf(page)).toBeLessThanOrEqual(0)
    expect(await accessibilityFaults(page)).toEqual([])
    await page.setViewportSize({ width: 1280, height: 860 })
  }

  /** A seal of a department that its issuers may put on documents. */
  const sealOf = async (department: { stem: string; code: string; name: string }): Promise<string> => {
    const sealId = await makeSealFor(call, transportLicence, department)
    const leave = { grantee: { kind: 'role', id: 'issuer' }, purposes: ['documents'], perDay: 100 }
    await call(`${department.stem}-keeper`, 'POST', `/api/seals/${sealId}/authorisations`, leave)
    return sealId
  }
  /** A page that another system drew, under the department's seal, taken in with a state of yesterday; its number. */
  const collect = async (page: Page, source: string, sealId: string): Promise<string> => {
    const order = { places: [{ at: 'point', page: 1, x: 100, y: 100 }] }
    const sealed = await page.request.post(
      `${server.url}/api/seals/${sealId}/documents?name=old.pdf&order=${encodeURIComponent(JSON.stringify(order))}`,
      {
        headers: { Origin: server.url, 'Content-Type': 'application/pdf', 'Idempotency-Key': 'old-licence' },
        data: Buffer.from(await makePdf()),
      },
    )
    expect(sealed.status()).toBe(201)
    const identifier = formatIdentifier({
      ...{ typeCode: transportLicence, issuerCode: transport.code, serial: 'OLD1', version: 1 },
    })
    const metadata = {
      ...{ ZZBS: identifier, ZZLXDM: transportLicence, ZZMC: '道路运输经营许可证', ZZBH: '旧运字第 17 号' },
      ...{ ZZBFJG: transport.name, ZZBFJGDM: transport.code, ZZBFRQ: '20200301' },
      ...{ CZZT: '云汀旧货运有限公司', CZZTDM: creditCodeOf(99), CZZTDMLXDM: '001' },
    }
    const day = 86_400_000
    const asOf = new Date(Date.now() - 1.5 * day).toISOString()
    await call(issuer, 'POST', '/api/collected-licences', {
      ...{ source, metadata, document: (await sealed.body()).toString('base64'), status: { state: 'in force', asOf } },
    })
    return metadata.ZZBH
  }

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createDesks(browser, server.url, '/issue')
    call = createCaller(server.url)
    // A picture of a page stands for the scan of one.
    scan = await (await desks.desk(issuer)).screenshot()
  }, 360_000)
  afterAll(async () => {
    expect(desks?.complaints() ?? []).toEqual([])
    await browser?.close()
    await server?.stop()
  })

  it('attaches a scan with its grade at the licence, shows it, and lets a reviewer grade it anew', async () => {
    const licence = { typeCode: transportLicence, data: transportData(1) }
    const { identifier } = await call<{ identifier: string }>(issuer, 'POST', '/api/licences', licence)
    const page = await at(issuer, `#/licences/${identifier}`)
    await page.locator('.record summary', { hasText: '纸质证照扫描件' }).click()
    await page.getByText('没有扫描件。').waitFor()
    await page
      .locator('#scan-file')
      .setInputFiles({ name: '封面.txt', mimeType: 'text/plain', buffer: Buffer.from('no') })
    await page.locator('#scan-grade').selectOption('B')
    await page.getByRole('button', { name: '添加扫描件' }).click()
    await page.getByText('扫描件应为 PDF、PNG 或 JPEG').waitFor()
    await page.locator('#scan-file').setInputFiles({ name: '封面.png', mimeType: 'image/png', buffer: scan })
    await page.getByRole('button', { name: '添加扫描件' }).click()
    await page.getByText('已添加。').waitFor()
    await page
      .locator('.record tbody tr', { hasText: '可辨认，有轻微缺陷' })
      .getByRole('button', { name: '查看' })
      .click()
    const dialog = page.locator('dialog')
    const picture = dialog.locator('.scan-picture')
    await picture.waitFor()
    expect(await picture.evaluate((image) => (image as HTMLImageElement).naturalWidth)).toBe(1280)
    expect(await dialog.locator('#scan-regrade').count()).toBe(0)
    await expectFit(page)
    const saving = page.waitForEvent('download')
    await dialog.getByRole('button', { name: '下载' }).click()
    expect((await saving).suggestedFilename()).toMatch(/\.png$/)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })

    const graded = await at(reviewer, '#/scans')
    await graded.locator('.listed tbody tr').first().waitFor()
    await expectFit(graded)
    await tabTo(graded, '查看')
    await graded.keyboard.press('Enter')
    await graded.locator('dialog .scan-picture').waitFor()
    await graded.locator('#scan-regrade').selectOption('D')
    await graded.getByRole('button', { name: '评定', exact: true }).click()
    await graded.locator('.listed tbody tr', { hasText: '不能作为依据' }).waitFor()
    await graded.locator('#scans-grade').selectOption('A')
    await graded.locator('.list-waiting', { hasText: '没有扫描件。' }).waitFor()
    await graded.locator('#scans-grade').selectOption('D')
    await graded.locator('.listed tbody tr', { hasText: 'D' }).waitFor()
  }, 300_000)

  it('takes scans with a batch: mapped by what their names begin with, told by row, looked at beside the sample', async () => {
    const rows = [transportRow(10), transportRow(11)]
    const buffer = Buffer.from(await toXlsx([transportHeader, ...rows]))
    const page = await at(issuer, '#/batches/new')
    await page.locator(`#batch-type option[value="${transportLicence}"]`).waitFor({ state: 'attached' })
    await page.locator('#batch-type').selectOption(transportLicence)
    await page.locator('#batch-file').setInputFiles({ name: '存量.xlsx', mimeType: 'application/octet-stream', buffer })
    await page.getByRole('button', { name: '上传' }).click()
    await page.getByRole('button', { name: '确定对应' }).waitFor()
    await page.locator('summary', { hasText: '照片与扫描件' }).click()
    const zip = Buffer.from(makeZip({ [`${creditCodeOf(10)}-1.png`]: scan, '无主.png': scan.subarray(0) }))
    await page.locator('#batch-pictures').setInputFiles({ name: '扫描.zip', mimeType: 'application/zip', buffer: zip })
    await page.getByText('已收到 扫描.zip。').waitFor()
    await page.locator('#scans-by').selectOption('beginnings')
    await page.locator('#scans-column').selectOption('统一社会信用代码')
    await page.getByRole('button', { name: '确定对应' }).click()
    await page.getByText('须指明质量等级').waitFor()
    await page.locator('#scans-grade').selectOption('B')
    await expectFit(page)
    await page.getByRole('button', { name: '确定对应' }).click()
    await page.getByRole('button', { name: '开始检查' }).click()
    await page.getByText('压缩包里有 1 个文件没有对应的行').waitFor()
    await page.locator('.row-fault', { hasText: '没有扫描件' }).waitFor()
    await page.getByRole('button', { name: '抽取样本' }).click()
    await page.locator('.samples .button').first().waitFor()
    const second = await at(reviewer, page.url().split('/issue')[1]!)
    await second.locator('.samples .button').first().click()
    await second.locator('.sample-scans .button', { hasText: `${creditCodeOf(10)}-1.png · B` }).click()
    await second.locator('.sample-pair .scan-picture').waitFor()
    await second.locator('.sample-pair canvas').first().waitFor()
    await expectFit(second)
  }, 300_000)

  it('lets a source in with its faults at their places first, sets it anew and ends it', async () => {
    const page = await at(reviewer, '#/sources')
    await page.getByText('还没有来源').waitFor()
    await page.getByRole('button', { name: '接入来源' }).click()
    await page.locator('#source-name').fill('旧运政系统')
    await page.locator('form').getByRole('button', { name: '接入来源' }).click()
    expect(await page.locator('#source-client').getAttribute('aria-invalid')).toBe('true')
    await page.locator('#source-client').fill('client:yunzheng')
    await page.locator('.choice-boxes input').first().check()
    await page.locator('#source-origins').fill('ftp://files.example.test')
    await page.locator('form').getByRole('button', { name: '接入来源' }).click()
    await page.getByText('文件地址应为 https://').waitFor()
    await expectFit(page)
    await page.locator('#source-origins').fill('https://files.example.test')
    await page.locator('form').getByRole('button', { name: '接入来源' }).click()
    await page.getByText('已设定。').waitFor()
    const row = page.locator('.sources tbody tr', { hasText: '旧运政系统' })
    await row.getByText('归集中').waitFor()
    await row.getByRole('button', { name: '证照与报告' }).click()
    await page.getByText('还没有送来证照。').waitFor()
    await expectFit(page)
    await row.getByRole('button', { name: '重新设定' }).click()
    expect(await page.locator('#source-name').getAttribute('readonly')).not.toBeNull()
    await page.locator('#source-client').fill('client:yunzheng-2')
    await page.locator('form').getByRole('button', { name: '重新设定' }).click()
    await row.getByText('client:yunzheng-2').waitFor()
    await row.getByRole('button', { name: '终止来源' }).click()
    await page.getByText('已归集的证照保持现在的状态').waitFor()
    await page.locator('dialog').getByRole('button', { name: '终止来源' }).click()
    await row.getByText('已终止').waitFor()
  }, 300_000)

  it('lists what a source brought, with how old the report of its state is', async () => {
    const page = await desks.desk(issuer)
    const [{ account }, seal] = await Promise.all([
      call<{ account: { id: string } }>(issuer, 'GET', '/api/sessions/current'),
      sealOf(transport),
    ])
    const source = { source: '旧道路运输系统', clientId: account.id, typeCodes: [transportLicence], origins: [] }
    await call(reviewer, 'POST', '/api/intake-sources', source)
    const number = await collect(page, source.source, seal)
    const seen = await at(reviewer, '#/sources')
    await seen.reload()
    await seen
      .locator('.sources tbody tr', { hasText: source.source })
      .getByRole('button', { name: '证照与报告' })
      .click()
    const row = seen.locator('tbody tr', { hasText: number })
    await row.getByText('有效').waitFor()
    await row.getByText('1 天前').waitFor()
    await expectFit(seen)
    await row.getByRole('link').click()
    await seen.getByText('旧道路运输系统').first().waitFor()
  }, 300_000)

  it('sets which licences fill a form, by the keyboard too, each change another version', async () => {
    const page = await at(reviewer, '#/sharing')
    await page.getByRole('button', { name: '设定表单' }).click()
    const dialog = page.locator('dialog')
    await tabTo(page, '表单编码')
    await page.keyboard.type('XK-2026-01')
    await tabTo(page, '表单的字段')
    await page.keyboard.type('qymc')
    await dialog.locator('#prefill-type-0').selectOption(transportLicence)
    await dialog.locator('#prefill-field-0 option[value="operator"]').waitFor({ state: 'attached' })
    await dialog.getByRole('button', { name: '保存' }).click()
    expect(await dialog.locator('#prefill-field-0').getAttribute('aria-invalid')).toBe('true')
    await dialog.locator('#prefill-field-0').selectOption('operator')
    await dialog.getByRole('button', { name: '增加一行' }).click()
    await page.keyboard.type('qymc')
    await dialog.locator('#prefill-field-1').selectOption('creditCode')
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.getByText('表单的一个字段只能从一处填写。').waitFor()
    await expectFit(page)
    await dialog.locator('#prefill-form-field-1').fill('tyshxydm')
    await dialog.getByRole('button', { name: '保存' }).click()
    await page.getByText('已保存：XK-2026-01 第 1 版。').waitFor()
    await page.locator('tbody tr', { hasText: 'XK-2026-01' }).getByRole('button', { name: '修改' }).click()
    await dialog.getByRole('button', { name: '去掉第 2 行' }).click()
    await dialog.getByRole('button', { name: '保存' }).click()
    await page.getByText('已保存：XK-2026-01 第 2 版。').waitFor()
    await expectFit(page)
    const map = await call<{ version: number; fields: unknown[] }>(
      ...([reviewer, 'GET', '/api/sharing/prefill-maps/XK-2026-01'] as const),
    )
    expect(map).toMatchObject({ version: 2, fields: [{ formField: 'qymc', field: 'operator' }] })
  }, 300_000)
})
