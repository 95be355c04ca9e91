import type { FaceName, Layout, LayoutElement, TextStyle } from './layout.ts'

/** Characters values often bring along: digits, dates, usual punctuation, open ends. */
const usual = '0123456789年月日长期至，。、；：（）-.元万'

type Note = (style: TextStyle, text: string) => void

/** What every face of a layout needs for ever: its labels' characters, and the usual ones of values. Sorted, so codes are stable. */
export function fixedCharacters(layout: Layout): Map<FaceName, number[]> {
  const found = new Map<FaceName, Set<string>>()
  const note: Note = (style, text) => {
    const characters = found.get(style.face) ?? new Set<string>()
    found.set(style.face, characters)
    for (const [i, piece] of text.split(/\{[^}]*\}/).entries()) {
      for (const character of i === 0 ? piece : usual + piece) if (character !== '\n') characters.add(character)
    }
  }
  const { continuation } = layout
  for (const page of [...layout.pages, ...(continuation === undefined ? [] : [continuation])]) {
    for (const element of page.elements) {
      noteElement(element, note)
      if (continuation !== undefined) noteContinued(element, note, continuation)
    }
  }
  return new Map([...found].map(([face, set]) => [face, [...set].map((c) => c.codePointAt(0)!).sort((a, b) => a - b)]))
}

/** The sign of a value, so that a style's face gets the usual characters. */
const value = '{}'

function noteElement(element: LayoutElement, note: Note): void {
  switch (element.kind) {
    case 'text':
      note(element.style, element.text + (element.empty ?? ''))
      break
    case 'rows':
      for (const row of element.rows) {
        note(element.labelStyle, row.label)
        note(element.style, row.text + (row.empty ?? ''))
      }
      break
    case 'grid':
      for (const cell of element.rows.flatMap((row) => row.cells)) {
        note(cell.heading === true ? element.headingStyle : element.style, cell.text + (cell.empty ?? ''))
      }
      break
    case 'table':
      for (const column of element.columns) note(element.headingStyle, column.title + (column.titleEn ?? ''))
      note(element.style, value)
      break
  }
}

function noteContinued(element: LayoutElement, note: Note, further: NonNullable<Layout['continuation']>): void {
  const fits =
    element.kind === 'text'
      ? [{ fit: element.fit, style: element.style }]
      : element.kind === 'rows'
        ? element.rows.map(({ fit }) => ({ fit, style: element.style }))
        : []
  for (const { fit, style } of fits) {
    if (fit?.continues === undefined) continue
    note(further.titleStyle, fit.continues)
    note(further.style, value)
    note(style, further.note)
  }
  if (element.kind !== 'table' || element.continues === undefined) return
  note(further.titleStyle, element.continues)
  note(element.headingStyle, further.note)
}
