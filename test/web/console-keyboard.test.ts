import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isMissing } from '../support/tools.ts'
import { chromiumPath, openBrowser } from './support/browser.ts'
import { createDesks } from './support/desk.ts'
import { hasFocus, pressOn, tabTo, writeIn } from './support/keyboard.ts'
import { type RunningServer, startServer } from './support/running-server.ts'

const places = [
  '',
  'licences',
  'orders',
  'cases',
  'batches',
  'scans',
  'sources',
  'catalogue',
  'sharing',
  'personal-data',
  'statistics',
  'quality',
]

/** Goes through a page by Tab and tells the controls in sight that never had the focus, by their names. */
async function unreached(page: Page): Promise<string[]> {
  const count = await page.evaluate(() => {
    const controls = document.querySelectorAll<HTMLElement>(
      'a[href], button, input, select, textarea, summary, [role="button"], [onclick]',
    )
    const isUsable = (one: HTMLElement) =>
      one.checkVisibility() && !one.matches(':disabled') && !(one instanceof HTMLInputElement && one.type === 'radio')
    const usable = [...controls].filter(isUsable)
    for (const one of usable) one.dataset['unreached'] = ''
    document.addEventListener('focusin', ({ target }) => {
      if (target instanceof HTMLElement) delete target.dataset['unreached']
    })
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur()
    return usable.length
  })
  // The page itself and the browser take a stop each; lists that scroll may take one.
  for (let stop = 0; stop < count + 12; stop++) await page.keyboard.press('Tab')
  return page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-unreached]')]
      .filter((one) => one.checkVisibility())
      .map((one) => one.getAttribute('aria-label') ?? one.textContent.trim() ?? one.id),
  )
}

describe.skipIf(isMissing(chromiumPath))('the licence desk without a mouse', () => {
  let server: RunningServer
  let browser: Browser
  let desks: ReturnType<typeof createDesks>
  let reviewer: Page

  beforeAll(async () => {
    server = await startServer()
    browser = await openBrowser()
    desks = createDesks(browser, server.url, '/issue')
    reviewer = await desks.desk('transport-licence-reviewer')
  }, 240_000)
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })

  it.each(places)('lets every control of #/%s be reached by Tab', async (place) => {
    await reviewer.goto(`${server.url}/issue#/${place}`)
    await reviewer.reload()
    await reviewer.locator('h1').first().waitFor()
    await reviewer.waitForLoadState('networkidle')
    expect(await unreached(reviewer)).toEqual([])
  })

  it('adds a matter, keeps the focus within the dialog that ends it, and gives it back', async () => {
    await reviewer.goto(`${server.url}/issue#/sharing`)
    await reviewer.reload()
    await reviewer.locator('#matter-code').waitFor()
    await writeIn(reviewer, '#matter-code', '000118001000')
    await reviewer.getByText('请填写。').first().waitFor()
    await writeIn(reviewer, '#matter-name', '道路运输经营许可')
    const row = reviewer.locator('tbody tr', { hasText: '000118001000' })
    await row.waitFor()
    await pressOn(reviewer, '终止事项')
    const dialog = reviewer.locator('dialog')
    await dialog.waitFor()
    for (let stop = 0; stop < 12; stop++) {
      await reviewer.keyboard.press('Tab')
      const isOutside = await reviewer.evaluate(
        () => document.activeElement !== document.body && !document.activeElement?.closest('dialog'),
      )
      expect(isOutside).toBe(false)
    }
    await reviewer.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    expect(await hasFocus(reviewer, '终止事项')).toBe(true)
    await reviewer.keyboard.press('Enter')
    await dialog.waitFor()
    await pressOn(reviewer, '取消')
    await dialog.waitFor({ state: 'detached' })
    await reviewer.waitForFunction(() => document.activeElement?.textContent?.trim() === '终止事项')
  })

  it('says a refusal in Chinese with its code, and the server’s English small beside it; in English the other way round', async () => {
    await writeIn(reviewer, '#matter-code', '000118001000', 'Shift+Tab')
    await writeIn(reviewer, '#matter-name', '又一次')
    const notice = reviewer.locator('.notice.bad')
    await notice.waitFor()
    expect(await notice.locator('strong').textContent()).toBe('这个事项编码已经用过。')
    expect(await notice.locator('code').textContent()).toBe('MATTER_EXISTS')
    expect(await notice.locator('[lang="en"]').count()).toBe(1)
    await tabTo(reviewer, 'English', 'Shift+Tab')
    await reviewer.keyboard.press('Enter')
    expect(await notice.locator('strong').textContent()).toContain('code of a matter')
    expect(await notice.locator('code').count()).toBe(0)
    await reviewer.keyboard.press('Shift+Tab')
    await reviewer.keyboard.press('Enter')
  })

  it('puts the focus on the page when what opened a dialog is gone with it', async () => {
    await pressOn(reviewer, '终止事项')
    await reviewer.locator('dialog').waitFor()
    await pressOn(reviewer, '终止事项')
    await reviewer.locator('tbody tr', { hasText: '000118001000' }).waitFor({ state: 'detached' })
    await reviewer.locator('main:focus').waitFor()
    expect(desks.complaints()).toEqual([])
  })
})
