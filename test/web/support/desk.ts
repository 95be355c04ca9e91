import type { Browser, Page } from 'playwright-core'
import { openPage, type WatchedPage } from './browser.ts'

/** Fills in the login form with a demo account. */
export async function logIn(page: Page, username: string): Promise<void> {
  await page.locator('#username').fill(username)
  await page.locator('#password').fill(`demo-${username}`)
  await page.locator('.login-act').click()
}

/** The licence desk with a demo account logged in. */
export async function openDesk(browser: Browser, url: string, username: string): Promise<WatchedPage> {
  const desk = await openPage(browser, { acceptDownloads: true })
  await desk.page.goto(`${url}/issue`)
  await logIn(desk.page, username)
  await desk.page.locator('.list-head').waitFor()
  return desk
}
