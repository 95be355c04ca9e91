import { PDFDocument } from '@cantoo/pdf-lib'
import type { Browser, Locator, Page } from 'playwright-core'
import { createDesks } from './desk.ts'

/** The seal desks of several people at once, each with a window of their own. */
export function createSealDesks(browser: Browser, url: string) {
  const { desk, complaints } = createDesks(browser, url, '/seals')
  /** The page of the seal of that name as this person sees it now. */
  async function atSeal(username: string, name: string): Promise<Page> {
    const page = await desk(username)
    await page.goto(`${url}/seals#/seals`)
    await page.reload()
    await page.getByRole('link', { name }).click()
    await page.locator('.seal-name').waitFor()
    return page
  }
  return { desk, atSeal, complaints }
}

/** Takes a step at a seal's page, filling in what its dialog asks for. */
export async function takeStep(page: Page, name: string, fill?: (dialog: Locator) => Promise<unknown>): Promise<void> {
  await page.locator('.seal').getByRole('button', { name, exact: true }).click()
  const dialog = page.locator('dialog')
  await fill?.(dialog)
  await dialog.getByRole('button', { name, exact: true }).click()
  await page.getByText(`已办理：${name}`).waitFor()
}

export const waitForState = (page: Page, state: string): Promise<void> =>
  page.locator('.seal > .row .state-badge', { hasText: state }).waitFor()

/** Waits until there is a keeper to hand the seal to. */
export const untilKeepers = (dialog: Locator): Promise<void> =>
  dialog.locator('#act-keeper option').first().waitFor({ state: 'attached' })

/** A plain document of three pages to be sealed. */
export async function threePages(): Promise<Buffer> {
  const pdf = await PDFDocument.create()
  for (const number of [1, 2, 3]) pdf.addPage([595, 842]).drawText(`Page ${number}`, { x: 60, y: 760 })
  return Buffer.from(await pdf.save({ useObjectStreams: false }))
}
