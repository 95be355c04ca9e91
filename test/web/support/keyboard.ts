import type { Page } from 'playwright-core'

/** What has the focus, as a person without a mouse is told: its id, its name. */
interface Focused {
  readonly id: string
  readonly name: string
}

const focused = (page: Page): Promise<Focused> =>
  page.evaluate(() => {
    const at = document.activeElement
    const name = at?.getAttribute('aria-label') ?? at?.textContent ?? ''
    return { id: at?.id ?? '', name: name.trim().replace(/\s+/g, ' ') }
  })

const MOST_STOPS = 150

/**
 * Presses Tab (or Shift+Tab) until something has the focus: `#id`, or the whole of its name.
 * @throws when it is not reached
 */
export async function tabTo(page: Page, wanted: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  const passed: string[] = []
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    await page.keyboard.press(key)
    const { id, name } = await focused(page)
    if (wanted === `#${id}` || wanted === name) return
    passed.push(id || name.slice(0, 20))
  }
  throw new Error(`${wanted} is not reached by ${key}: ${passed.join(' · ')}`)
}

/** Goes to something by Tab and presses it. */
export async function pressOn(page: Page, wanted: string, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
  await tabTo(page, wanted, key)
  await page.keyboard.press('Enter')
}

/** Goes to a field by Tab, writes over what is in it and leaves it by Enter. */
export async function writeIn(
  page: Page,
  wanted: string,
  text: string,
  key: 'Tab' | 'Shift+Tab' = 'Tab',
): Promise<void> {
  await tabTo(page, wanted, key)
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.type(text)
  await page.keyboard.press('Enter')
}

export const hasFocus = async (page: Page, wanted: string): Promise<boolean> => {
  const { id, name } = await focused(page)
  return wanted === `#${id}` || wanted === name
}
