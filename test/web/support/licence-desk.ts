import type { Locator, Page } from 'playwright-core'
import { civilAffairs, gradeType } from './new-type.ts'

/** Fills in the catalogue entry of the made-up type, as its editor does. */
export async function fillEntry(page: Page, definerCode = civilAffairs): Promise<void> {
  await page.locator('#type-code').fill(gradeType)
  await page.locator('#type-name-zh').fill('社会组织评估等级证书')
  await page.locator('#type-name-en').fill('Grade of a social organisation')
  await page.locator('#type-definer-code').fill(definerCode)
  await page.locator('#type-definer-zh').fill('云汀市民政局')
  await page.locator('#type-definer-en').fill('Yunting Civil Affairs Bureau')
  await page.locator('#type-issuing').fill('民政部门')
  await page.getByLabel('法人和其他组织').check()
  await page.locator('#type-validity').fill('5年')
  await page.locator('#type-items').fill('000711001000 社会组织评估')
  await page.locator('#type-sharing').selectOption('unconditional')
  await page.getByLabel('吊销').check()
}

/** Does an act at a licence's page, filling in what its dialog asks for. */
export async function actOn(page: Page, name: string, fill: (dialog: Locator) => Promise<unknown>): Promise<void> {
  await page.locator('.acts').getByRole('button', { name, exact: true }).click()
  const dialog = page.locator('dialog')
  await fill(dialog)
  await dialog.getByRole('button', { name, exact: true }).click()
}

/** A reason, and the law where the act asks for it. */
export async function sayWhy(dialog: Locator): Promise<void> {
  const basis = dialog.locator('#act-basis')
  if (await basis.count()) await basis.fill('《社会组织评估管理办法》第三十条')
  await dialog.locator('#act-reason').fill('年度复核')
}

/** Presses Tab until what is focused says this, as somebody without a mouse does. */
export async function tabTo(page: Page, text: string): Promise<void> {
  for (let pressed = 0; pressed < 80; pressed++) {
    await page.keyboard.press('Tab')
    const said = await page.evaluate(() => {
      const at = document.activeElement
      const label = at?.id ? document.querySelector(`label[for="${at.id}"]`)?.textContent : undefined
      return (label ?? at?.getAttribute('aria-label') ?? at?.textContent ?? '').trim()
    })
    if (said.startsWith(text)) return
  }
  throw new Error(`no way by Tab to “${text}”`)
}
