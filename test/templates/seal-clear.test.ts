import { beforeAll, describe, expect, it } from 'vitest'
import { compileTemplate, type FontSet, listTemplates, openFonts, renderLicence } from '../../templates/index.ts'
import { isMissing, run } from '../support/tools.ts'
import { issuer, madeUpLicence } from './made-up-licence.ts'

const PT_PER_MM = 72 / 25.4
/** Of the largest seal of a department; its ring may touch a line of text. */
const RADIUS_MM = 22.5 - 1

let fonts: FontSet
beforeAll(async () => {
  fonts = await openFonts()
})

interface Word {
  readonly text: string
  readonly box: readonly [number, number, number, number]
}

/** Words of a page with their boxes in millimetres from its upper left corner, as poppler reads them. */
function wordsOf(pdf: Uint8Array, page: number): Word[] {
  const html = run('pdftotext', ['-bbox', '-f', String(page + 1), '-l', String(page + 1), '-', '-'], pdf).stdout
  return [...html.matchAll(/<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)<\/word>/g)].map(
    ([, left, top, right, bottom, text]) => ({
      text: text!,
      box: [Number(left) / PT_PER_MM, Number(top) / PT_PER_MM, Number(right) / PT_PER_MM, Number(bottom) / PT_PER_MM],
    }),
  )
}

describe.skipIf(isMissing('pdftotext'))('the seal', () => {
  it.each(listTemplates().map((definition) => [definition.name.zh, definition] as const))(
    'on %s covers nothing that it says of its holder, only who issued it and when',
    (_, definition) => {
      const { seal, pages } = definition.layout
      const compiled = compileTemplate(definition, fonts)
      const { pdf } = renderLicence(compiled, madeUpLicence(compiled))
      const beneath = pages[seal.page]!.elements.flatMap((element) => (element.kind === 'text' ? [element.text] : []))
      const isIssue = ({ text }: Word): boolean =>
        issuer.name.includes(text) || /年.*月.*日/.test(text) || beneath.some((words) => words.includes(text))
      const covered = wordsOf(pdf, seal.page).filter((word) => {
        const [left, top, right, bottom] = word.box
        const dx = Math.max(left - seal.x, 0, seal.x - right)
        const dy = Math.max(top - seal.y, 0, seal.y - bottom)
        return !isIssue(word) && Math.hypot(dx, dy) < RADIUS_MM
      })
      expect(covered.map(({ text }) => text)).toEqual([])
    },
  )
})
