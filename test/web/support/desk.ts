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

/** Desks of several people at once at one of the consoles, each with a window of their own. */
export function createDesks(browser: Browser, url: string, path: string) {
  const desks = new Map<string, WatchedPage>()
  /** The desk of a demo account, logged in at the first call. */
  async function desk(username: string): Promise<Page> {
    const known = desks.get(username)
    if (known) return known.page
    const opened = await openPage(browser, { acceptDownloads: true })
    desks.set(username, opened)
    await opened.page.goto(url + path)
    await logIn(opened.page, username)
    await opened.page.locator('.sections').waitFor()
    return opened.page
  }
  const complaints = (): string[] => [...desks.values()].flatMap((one) => one.complaints)
  return { desk, complaints }
}
