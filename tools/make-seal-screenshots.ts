// `node tools/make-seal-screenshots.ts`: walks a seal through its life at the seal desk and writes docs/screenshots/seals-*.png. Run by
// hand when the pages change; tests do not write pictures.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { createCaller } from '../test/web/support/api.ts'
import { openBrowser } from '../test/web/support/browser.ts'
import { makeSeal } from '../test/web/support/new-type.ts'
import { startServer } from '../test/web/support/running-server.ts'
import { createSealDesks, takeStep, threePages, untilKeepers, waitForState } from '../test/web/support/seal-desk.ts'

const NAME = '云汀市民政局婚姻登记专用章'
const phone = { width: 390, height: 844 }

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  const path = join(packageRoot, 'docs', 'screenshots', `seals-${name}.png`)
  // Behind a dialog the page ends where the window does.
  const fullPage = (await page.locator('dialog').count()) === 0
  await page.screenshot({ path, fullPage, animations: 'disabled', caret: 'hide' })
  console.log(path)
}

const server = await startServer()
const browser = await openBrowser()
const { desk, atSeal } = createSealDesks(browser, server.url)
try {
  const applicant = await desk('civil-applicant')
  await applicant.goto(`${server.url}/seals#/apply`)
  await applicant.locator('#seal-name').fill(NAME)
  await applicant.locator('#seal-kind').selectOption('11')
  const drawn = applicant.waitForResponse((answer) => answer.request().postData()?.includes('婚姻登记专用章') === true)
  await applicant.locator('#picture-lower').fill('婚姻登记专用章')
  await applicant.locator('#seal-reason').fill('婚姻登记证照需要专用印章')
  await drawn
  await applicant.locator('.picture-preview img').waitFor()
  await shoot(applicant, 'apply')
  await applicant.getByRole('button', { name: '提交申请' }).click()
  await applicant.locator('.seal-name').waitFor()

  const reviewer = await desk('seals-reviewer')
  await reviewer.reload()
  await reviewer.locator('.task').first().waitFor()
  await shoot(reviewer, 'tasks')
  await atSeal('seals-reviewer', NAME)
  await reviewer.setViewportSize(phone)
  await reviewer.locator('.seal').getByRole('button', { name: '批准', exact: true }).click()
  await shoot(reviewer, 'approve-phone')
  await reviewer.locator('dialog').getByRole('button', { name: '批准', exact: true }).click()
  await waitForState(reviewer, '待制作')
  await reviewer.setViewportSize({ width: 1280, height: 860 })

  const maker = await atSeal('seals-maker', NAME)
  await takeStep(maker, '绘制印模')
  await atSeal('seals-reviewer', NAME)
  await takeStep(reviewer, '确认印模')
  await maker.reload()
  for (const [step, state] of [
    ['制作', '待备案'],
    ['备案', '待发放'],
  ] as const) {
    await takeStep(maker, step)
    await waitForState(maker, state)
  }
  await takeStep(maker, '发放', untilKeepers)
  const keeper = await atSeal('civil-keeper', NAME)
  await takeStep(keeper, '接收')
  await waitForState(keeper, '在用')
  await keeper.getByRole('button', { name: '新增授权' }).click()
  await keeper.locator('#leave-limit').fill('50')
  await keeper.locator('dialog').getByRole('button', { name: '新增授权' }).click()
  await keeper.getByText('每日至多 50 次').waitFor()
  await keeper.locator('.seal-looks img').waitFor()
  await shoot(keeper, 'life')

  const user = await desk('civil-seal-user')
  await user.goto(`${server.url}/seals#/use`)
  const option = user.locator('#use-seal option', { hasText: NAME })
  await option.waitFor({ state: 'attached' })
  await user.locator('#use-seal').selectOption(await option.getAttribute('value'))
  await user
    .locator('#use-file')
    .setInputFiles({ name: '通知.pdf', mimeType: 'application/pdf', buffer: await threePages() })
  await user.getByText('同时加盖骑缝章').click()
  await user.getByRole('button', { name: '预览位置' }).click()
  await user.locator('.use-mark').first().waitFor()
  await shoot(user, 'use')
  const saved = user.waitForEvent('download')
  await user.getByRole('button', { name: '盖章', exact: true }).click()
  await saved

  await keeper.getByRole('button', { name: '新增授权' }).click()
  await keeper.locator('#leave-whom').selectOption({ label: '云汀市民政局用印员' })
  await keeper.locator('#leave-limit').fill('20')
  await keeper.locator('dialog').getByRole('button', { name: '新增授权' }).click()
  await keeper.getByText('每日至多 20 次').waitFor()
  await atSeal('civil-seal-user', NAME)
  await user.getByRole('button', { name: '转授权' }).click()
  await user.locator('#leave-whom').selectOption({ label: '云汀市民政局制证员' })
  await user.locator('#leave-limit').fill('2')
  await user.locator('#leave-until').fill('2027-01-31T18:00')
  await shoot(user, 'pass-on')
  await user.locator('dialog').getByRole('button', { name: '转授权' }).click()
  await user.locator('.leaves .part').waitFor()

  await user.goto(`${server.url}/seals#/batches`)
  const sealed = user.locator('#batch-seal option', { hasText: NAME })
  await sealed.waitFor({ state: 'attached' })
  await user.locator('#batch-seal').selectOption(await sealed.getAttribute('value'))
  const pdf = { mimeType: 'application/pdf', buffer: await threePages() }
  await user.locator('#batch-files').setInputFiles([
    { name: '关于清明节祭扫的通知.pdf', ...pdf },
    { name: '扫描件.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.7 broken') },
    { name: '社会组织年检公告.pdf', ...pdf },
  ])
  await user.getByRole('button', { name: '交办' }).click()
  await user.getByText('2 份已盖，1 份未盖，0 份等待').waitFor()
  await shoot(user, 'batch')

  await makeSeal(createCaller(server.url), {
    name: '王建国签名章',
    kindCode: '05',
    picture: { shape: 'square', sideMm: 20, text: '王建国', ending: '印', style: 'red-characters' },
    typeCodes: [],
    reason: '局长签发公文',
  })
  await atSeal('civil-keeper', '王建国签名章')
  await keeper.locator('#person-whom').selectOption({ label: '云汀市民政局查阅员' })
  await keeper.getByRole('button', { name: '交给本人' }).click()
  await keeper.getByText('起由本人使用').waitFor()
  const official = await desk('civil-viewer')
  await official.getByRole('link', { name: '签发', exact: true }).click()
  await official.locator('#sign-file').setInputFiles({ name: '批复.pdf', ...pdf })
  await official.setViewportSize(phone)
  await shoot(official, 'sign-phone')

  await keeper.goto(`${server.url}/seals#/webhooks`)
  await keeper.getByRole('button', { name: '新增订阅' }).click()
  await keeper.locator('#webhook-address').fill('https://127.0.0.1:9/events')
  await keeper.locator('dialog').getByRole('button', { name: '新增订阅' }).click()
  await keeper.locator('dialog').waitFor({ state: 'detached' })
  await shoot(keeper, 'webhooks')

  const auditor = await desk('city-auditor')
  await auditor.goto(`${server.url}/seals#/ledger`)
  await auditor.getByRole('cell', { name: '已盖' }).first().waitFor()
  await shoot(auditor, 'ledger')
} finally {
  await browser.close()
  await server.stop()
}
