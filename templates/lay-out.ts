import type { CompiledPage, CompiledTemplate } from './compile.ts'
import type { LicenceValues } from './draw/licence-text.ts'
import { TemplateError } from './errors.ts'

const mostPages = 60
const titleGap = 1.9

/** Begins a page's own content stream; the function it returns ends it. */
export type OpenPage = (index: number) => () => void

/**
 * Sets a licence's pages in order: the definition's, then as many further ones as unfinished texts and tables need.
 *
 * @param faults collects what cannot be set; when undefined the first such fault is thrown
 * @returns the number of pages
 */
export function layOut(
  compiled: CompiledTemplate,
  values: LicenceValues,
  statementText: string,
  faults: TemplateError[] | undefined,
  openPage: OpenPage,
): number {
  const { press } = compiled
  for (const typeCase of compiled.cases) typeCase.begin()
  compiled.fallbackCase()?.begin()
  press.begin(values, statementText, faults)
  const draw = (page: CompiledPage, index: number) => {
    press.beginPage(index)
    for (const drawer of page.drawers) drawer(press)
  }
  for (const [index, page] of compiled.pages.entries()) {
    const close = openPage(index)
    draw(page, index)
    close()
  }
  let index = compiled.pages.length
  const { continuation } = compiled
  if (continuation === undefined) return index
  while (press.remainders.length > 0) {
    const close = openPage(index)
    draw(continuation, index)
    const isStuck = !flowInto(compiled, continuation.body.top)
    close()
    index++
    if (isStuck || index > mostPages) {
      const where = press.remainders[0]?.where ?? ''
      press.remainders = []
      press.fail(new TemplateError('TEXT_DOES_NOT_FIT', 'the licence would need too many pages', { where }))
    }
  }
  return index
}

/** Lets unfinished texts and tables flow into one further page; false when nothing found room. */
function flowInto(compiled: CompiledTemplate, top: number): boolean {
  const { press } = compiled
  const { body, titleStyle } = compiled.continuation!
  let y = top
  let hasMoved = false
  while (press.remainders.length > 0) {
    const remainder = press.remainders[0]!
    if (y - 4 * titleStyle.size < body.bottom) return hasMoved
    press.load(remainder.title, titleStyle, '')
    press.line(titleStyle, titleStyle.size, titleStyle.spacing, body.x, y - titleStyle.size, 0, press.breaker.count)
    const before = y - titleGap * titleStyle.size
    const flowed = remainder.flow(press, { x: body.x, width: body.width, top: before, bottom: body.bottom })
    if (flowed.bottom < before) hasMoved = true
    y = flowed.bottom - 1.5 * titleStyle.size
    if (!flowed.isDone) return hasMoved
    press.remainders.shift()
  }
  return hasMoved
}
