// `node tools/make-seal-screenshots.ts`: walks a seal through its life at the seal desk and writes docs/screenshots/seals-*.png. Run by
// hand when the pages change; tests do not write pictures.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { packageRoot } from '../platform/package-root.ts'
import { openBrowser } from '../test/web/support/browser.ts'
import { startServer } from '../test/web/support/running-server.ts'
import { createSealDesks, takeStep, threePages, untilKeepers, waitForState } from '../test/web/support/seal-desk.ts'

const NAME = '云汀市民政局婚姻登记专用章'
const phone = { width: 390, height: 844 }

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready)
  const path = join(packageRoot, 'docs', 'screenshots', `seals-${name}.png`)
  await page.screenshot({ path, fullPage: true, animations: 'disabled', caret: 'hide' })
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

  const auditor = await desk('city-auditor')
  await auditor.goto(`${server.url}/seals#/ledger`)
  await auditor.getByRole('cell', { name: '已盖' }).first().waitFor()
  await shoot(auditor, 'ledger')
} finally {
  await browser.close()
  await server.stop()
}
