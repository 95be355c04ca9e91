import type { Browser } from 'playwright-core'
import { openPage, type WatchedPage } from './browser.ts'

/** The issuing desk with a demo account logged in. */
export async function openDesk(browser: Browser, url: string, username: string): Promise<WatchedPage> {
  const desk = await openPage(browser, { acceptDownloads: true })
  const { page } = desk
  await page.goto(`${url}/issue`)
  await page.locator('#username').fill(username)
  await page.locator('#password').fill(`demo-${username}`)
  await page.locator('.login-act').click()
  await page.locator('.list-head').waitFor()
  return desk
}
