import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toXlsx, transportHeader, transportLicence, transportRow } from '../support/batch-rows.ts'
import { isMissing } from '../support/tools.ts'
import { createCaller } from './support/api.ts'
import { accessibilityFaults, chromiumPath, openBrowser, overflowOf } from './support/browser.ts'
import { createDesks } from './support/desk.ts'
import { type RunningServer, startServer } from './support/running-server.ts'
import { signCatalogue } from './support/signed-catalogue.ts'

const businessLicence = '11100000MB0143028R001'
const constructionPermit = '11100000000013338W101'
const transport = '11330199MB33012983'

describe.skipIf(isMissing(chromiumPath))('the licence desk beside the life of a licence', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createDesks>
  let call: ReturnType<typeof createCaller>

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

  beforeAll(async () => {
    server = await startServer('localhost')
    browser = await openBrowser()
    desks = createDesks(browser, server.url, '/issue')
    call = createCaller(server.url)
  }, 360_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it('makes a batch from XLSX: mapped, checked with a report, its sample approved by another person, made', async () => {
    const rows = Array.from({ length: 12 }, (_, index) => transportRow(index))
    rows[7]![1] = '913301990000000000'
    const page = await at('transport-issuer', '#/batches/new')
    await page.locator(`#batch-type option[value="${transportLicence}"]`).waitFor({ state: 'attached' })
    await page.locator('#batch-type').selectOption(transportLicence)
    const buffer = Buffer.from(await toXlsx([transportHeader, ...rows]))
    const mimeType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'
    await page.locator('#batch-file').setInputFiles({ name: '存量证照.xlsx', mimeType, buffer })
    expect(await page.locator('#batch-title').inputValue()).toBe('存量证照')
    await page.getByRole('button', { name: '上传' }).click()
    await page.getByRole('button', { name: '确定对应' }).waitFor()
    await expectFit(page)
    await page.getByRole('button', { name: '确定对应' }).click()
    await page.getByRole('button', { name: '开始检查' }).click()
    await page.getByRole('button', { name: '抽取样本' }).waitFor()
    await page.locator('.listed tbody tr').first().waitFor()
    expect(await page.locator('.listed tbody tr').count()).toBe(1)
    await expectFit(page)
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: /报告/ }).click()
    expect((await saving).suggestedFilename()).toMatch(/\.xlsx$/)
    await page.getByRole('button', { name: '抽取样本' }).click()
    await page.locator('.samples .button').first().waitFor()
    expect(await page.getByRole('button', { name: '批准样本' }).count()).toBe(0)
    const reviewer = await at('transport-licence-reviewer', page.url().split('/issue')[1]!)
    const samples = reviewer.locator('.samples .button')
    await samples.first().waitFor()
    const approve = reviewer.getByRole('button', { name: '批准样本' })
    expect(await approve.isDisabled()).toBe(true)
    await reviewer.getByText(`样本还有 ${await samples.count()} 份没有看`).waitFor()
    for (let index = 0; index < (await samples.count()); index++) {
      await samples.nth(index).click()
      await samples.nth(index).getByText('已看').waitFor()
    }
    await expectFit(reviewer)
    await approve.click()
    await reviewer.locator('dialog').getByRole('button', { name: '批准样本' }).click()
    await reviewer.locator('.state-badge', { hasText: '可以制作' }).waitFor()
    await page.reload()
    await page.getByRole('button', { name: '开始制作' }).click()
    await page.locator('dialog').getByRole('button', { name: '开始制作' }).click()
    await page.locator('.state-badge', { hasText: '已完成' }).waitFor()
    expect(await page.locator('.steps li:not(.past)').count()).toBe(0)
    expect(await page.getByRole('button', { name: '重试失败的行' }).count()).toBe(0)
    await page.locator('#rows-state').selectOption('issued')
    await expect.poll(() => page.locator('.listed tbody tr').count(), { timeout: 20_000 }).toBe(11)
    await expectFit(page)
  }, 300_000)

  it('issues the licence of a case and refuses another, and machines are let do it by a reviewer', async () => {
    const { example } = await call<{ example: object }>('market-issuer', 'GET', `/api/catalogue/${businessLicence}`)
    for (const caseNumber of ['YT2026-0001', 'YT2026-0002'])
      await call('market-issuer', 'POST', '/api/approvals', {
        ...{ caseNumber, itemCode: '000131001000', typeCode: businessLicence, data: example },
        applicant: { name: '林予安', code: '330102199003070027' },
        decidedAt: '2026-11-01T08:00:00Z',
      })
    const page = await at('market-issuer', '#/cases')
    const rowOf = (caseNumber: string) => page.locator('tbody tr', { hasText: caseNumber })
    await rowOf('YT2026-0001').getByRole('button', { name: '签发证照' }).click()
    await page.locator('dialog').getByRole('button', { name: '签发证照' }).click()
    await page.getByText('已办理。').waitFor()
    await rowOf('YT2026-0002').getByRole('button', { name: '不予签发' }).click()
    await page.locator('dialog').getByRole('button', { name: '不予签发' }).click()
    await page.getByText('请写明原因。').waitFor()
    await page.locator('#confirm-reason').fill('材料有误')
    await page.locator('dialog').getByRole('button', { name: '不予签发' }).click()
    await page.getByText('没有这样的办件。').waitFor()
    await page.locator('#cases-state').selectOption('')
    await rowOf('YT2026-0001').getByText('已签发').waitFor()
    await rowOf('YT2026-0001').getByRole('link').waitFor()
    await rowOf('YT2026-0002').getByText('不予签发').waitFor()
    await expectFit(page)
    const reviewer = await at('market-licence-reviewer', '#/cases')
    await reviewer.locator('#grant-client').fill('APPROVALS')
    await reviewer.locator(`#grant-type option[value="${businessLicence}"]`).waitFor({ state: 'attached' })
    await reviewer.locator('#grant-type').selectOption(businessLicence)
    await reviewer.getByRole('button', { name: '授权', exact: true }).click()
    await reviewer.locator('tbody tr', { hasText: 'APPROVALS' }).getByRole('button', { name: '终止授权' }).click()
    await expectFit(reviewer)
    await reviewer.locator('dialog').getByRole('button', { name: '终止授权' }).click()
    await reviewer.getByText('没有授权。').waitFor()
  })

  it('shows an auditor few licences of a department below as not told, never as none', async () => {
    const { example: data } = await call<{ example: object }>(
      'market-issuer',
      'GET',
      `/api/catalogue/${businessLicence}`,
    )
    await call('market-issuer', 'POST', '/api/licences', { typeCode: businessLicence, data })
    const page = await at('city-auditor', '#/statistics')
    const chart = page.locator('section', { has: page.getByRole('heading', { name: '按类型签发' }) })
    const shown = async () => {
      await page.reload()
      await chart.waitFor()
      return (await chart.textContent()) ?? ''
    }
    await expect.poll(shown, { timeout: 20_000 }).toContain('营业执照不公布')
    expect(await page.locator('.totals div', { hasText: '签发' }).locator('dd').textContent()).toMatch(
      /^(≥ \d+|不公布)$/,
    )
    expect(await page.locator('.columns rect.untold').count()).toBeGreaterThan(0)
    await expectFit(page)
  })

  it('shows the published entry of a type, its fields by their labels, to whoever neither writes nor reviews the catalogue', async () => {
    const page = await at('market-issuer', '#/catalogue')
    await page.getByRole('link', { name: '营业执照', exact: true }).click()
    await page.locator('.type-title', { hasText: '营业执照' }).waitFor()
    await page.locator('.state-badge', { hasText: '已发布' }).waitFor()
    await page.locator('.facts dt', { hasText: '颁发机构' }).first().waitFor()
    await page.locator('.facts dd', { hasText: '统一社会信用代码、名称' }).waitFor()
    expect(await page.locator('.facts').innerText()).not.toContain('creditCode')
    expect(await page.getByRole('alert').count()).toBe(0)
    await expectFit(page)
    await page.goto(`${server.url}/issue#/catalogue/${'1'.repeat(21)}`)
    await page.getByText('LICENCE_TYPE_UNKNOWN').waitFor()
  })

  it('says at each field of a new type what is missing, before it asks the server', async () => {
    const page = await at('market-catalogue-editor', '#/catalogue/new')
    expect(await page.locator('#type-code').getAttribute('aria-required')).toBe('true')
    await page.getByRole('button', { name: '保存草稿' }).click()
    await page.getByText(/有 11 处需要更正/).waitFor()
    expect(await page.locator('#type-code').getAttribute('aria-invalid')).toBe('true')
    await page.locator('#type-holders-fault', { hasText: '请填写' }).waitFor()
    await page.locator('#type-code').fill('123')
    await page.locator('#type-code-fault', { hasText: '应为 21 位' }).waitFor()
    await page.locator('#type-items').fill('000711001000')
    await page.locator('#type-items-fault', { hasText: '缺少名称：000711001000' }).waitFor()
    await expectFit(page)
  })

  it('takes entries of a signed catalogue over as drafts, after a trial and the word that its key was compared', async () => {
    const page = await at('market-catalogue-editor', '#/catalogue/import')
    const choose = (buffer: Buffer) =>
      page.locator('#catalogue-file').setInputFiles({ name: 'catalogue.jws', mimeType: 'application/jose', buffer })
    await choose(Buffer.from('no file of this kind'))
    await page.getByRole('button', { name: '试读' }).click()
    await page.getByText('这不是一个有效的签名目录文件').waitFor()
    const ours = await (await page.request.get(`${server.url}/api/catalogue-file`)).text()
    const { entries } = JSON.parse(Buffer.from(ours.split('.')[1] ?? '', 'base64url').toString())
    const fresh = '11330199MB3301255M801'
    const code = fresh.slice(0, 18)
    const [{ entry }] = entries
    const wanted = [{ typeCode: fresh, entry: { ...entry, definedBy: { ...entry.definedBy, code } } }]
    await choose(signCatalogue(wanted, 'https://other.example', new Date('2026-11-01T00:00:00Z')))
    await page.getByRole('button', { name: '试读' }).click()
    await page.getByText('新增 1 种').waitFor()
    const apply = page.getByRole('button', { name: '作为草稿接收' })
    expect(await apply.isDisabled()).toBe(true)
    await expectFit(page)
    await page.getByLabel('我已通过另外的渠道').check()
    await apply.click()
    await page.getByText('已作为草稿接收').waitFor()
    await page.getByRole('link', { name: fresh }).click()
    await page.locator('.state-badge', { hasText: '草稿' }).waitFor()
  })

  it('offers an agreement that the other department accepts and either ends, with matters and subscriptions', async () => {
    const provider = await at('housing-licence-reviewer', '#/sharing')
    await provider.getByRole('button', { name: '提出协议' }).click()
    const dialog = provider.locator('dialog')
    await dialog.getByRole('button', { name: '提出协议' }).click()
    await dialog.getByText('请填写。').first().waitFor()
    await dialog.locator(`#agreement-consumer option[value="${transport}"]`).waitFor({ state: 'attached' })
    await dialog.locator('#agreement-consumer').selectOption(transport)
    await dialog.locator('#agreement-type').selectOption(constructionPermit)
    await dialog.locator('.choice-boxes input').first().check()
    await dialog.locator('#agreement-matters').fill('000118001000')
    await dialog.locator('#agreement-basis').fill('《优化营商环境条例》第三十七条')
    expect(await accessibilityFaults(provider)).toEqual([])
    await dialog.getByRole('button', { name: '提出协议' }).click()
    await provider.locator('tbody tr', { hasText: '待对方接受' }).waitFor()
    const consumer = await at('transport-licence-reviewer', '#/sharing')
    const offered = consumer.locator('tbody tr', { hasText: '云汀市住房和城乡建设局' })
    await offered.filter({ hasText: '待本单位接受' }).filter({ hasText: '第三十七条' }).waitFor()
    await offered.getByRole('button', { name: '接受', exact: true }).click()
    await consumer.locator('dialog', { hasText: '等本单位接受' }).filter({ hasText: '第三十七条' }).waitFor()
    await consumer.locator('dialog').getByRole('button', { name: '接受', exact: true }).click()
    await consumer.locator('.state-badge', { hasText: '有效' }).waitFor()
    await consumer.locator('#matter-code').fill('000118001000')
    await consumer.locator('#matter-name').fill('道路运输经营许可')
    await consumer.getByRole('button', { name: '增加事项' }).click()
    await consumer.locator('tbody tr', { hasText: '道路运输经营许可' }).waitFor()
    await consumer.locator('#subscription-address').fill('ftp://receiver.example')
    await consumer.getByRole('button', { name: '订阅', exact: true }).click()
    await consumer.getByText('地址要用 https').waitFor()
    await consumer.locator('#subscription-address').fill('https://localhost:9/changes')
    await consumer.getByRole('button', { name: '订阅', exact: true }).click()
    await consumer.getByRole('button', { name: '送达与重放' }).click()
    await consumer.getByText('没有放弃的。').waitFor()
    await consumer.locator('dialog').getByRole('button', { name: '重放' }).click()
    await consumer.getByText('正在重新推送。').waitFor()
    expect(await accessibilityFaults(consumer)).toEqual([])
    await consumer.locator('dialog').getByRole('button', { name: '关闭' }).click()
    await expectFit(consumer)
    await consumer.getByRole('button', { name: '终止', exact: true }).click()
    await consumer.locator('dialog').getByRole('button', { name: '终止', exact: true }).click()
    await consumer.locator('.state-badge', { hasText: '已终止' }).waitFor()
  })

  it('tells auditors what was fetched, and why it was refused', async () => {
    const wish = {
      matterCode: 'none',
      purpose: '核验企业',
      holderCode: '91330199MA2CHX6T2X',
      typeCode: businessLicence,
    }
    await expect(call('housing-licence-user', 'POST', '/api/shared/searches', wish)).rejects.toThrow('MATTER_UNKNOWN')
    const page = await at('city-auditor', '#/accesses')
    await page.locator('tbody tr', { hasText: '核验企业' }).getByText('没有这个事项').waitFor()
    await expectFit(page)
  })

  it('finds licences by the value of a field of their type, and takes what it finds away as a file', async () => {
    const { example } = await call<{ example: object }>('market-issuer', 'GET', `/api/catalogue/${businessLicence}`)
    const [one, other] = await Promise.all(
      ['司马问渠', '钟离望舒'].map((legalRepresentative) =>
        call<{ number: string }>('market-issuer', 'POST', '/api/licences', {
          ...{ typeCode: businessLicence, data: { ...example, legalRepresentative } },
        }),
      ),
    )
    const page = await at('market-issuer', '#/licences')
    await page.locator(`#filter-type option[value="${businessLicence}"]`).waitFor({ state: 'attached' })
    await page.locator('#filter-type').selectOption(businessLicence)
    await page.getByLabel('按字段').selectOption({ label: '法定代表人' })
    await page.getByLabel('字段内容（完整）').fill('司马问渠')
    await page.getByLabel('字段内容（完整）').press('Enter')
    await page.locator('tbody').getByText(other!.number, { exact: true }).waitFor({ state: 'detached' })
    await page.locator('tbody').getByText(one!.number, { exact: true }).waitFor()
    await expectFit(page)
    await page.getByLabel('文件格式').selectOption('csv')
    const saving = page.waitForEvent('download')
    await page.getByRole('button', { name: '导出' }).click()
    const saved = await readFile(await (await saving).path(), 'utf8')
    expect(saved.trimEnd().split('\r\n')).toHaveLength(2)
    expect(saved).toContain(`"${one!.number}"`)
    await page.locator('#filter-type').selectOption('')
    await page.getByLabel('按字段').waitFor({ state: 'detached' })
    await page.locator('tbody').getByText(other!.number, { exact: true }).waitFor()
  })

  it('takes figures away as XLSX and as CSV, and says nothing to the console', async () => {
    const page = await at('transport-issuer', '#/statistics')
    expect(await page.title()).toBe('统计 · 证照管理台 · 证印')
    for (const ending of ['xlsx', 'csv']) {
      await page.getByLabel('文件格式').selectOption(ending)
      const saving = page.waitForEvent('download')
      await page.getByRole('button', { name: '导出：签发' }).click()
      expect((await saving).suggestedFilename()).toMatch(new RegExp(`^issuance-.*\\.${ending}$`))
    }
    await expectFit(page)
    await expectFit(await at('transport-issuer', '#/quality'))
    expect(desks.complaints()).toEqual([])
  })
})
