/** Text files in CSV (RFC 4180) begin with it, so that spreadsheets read them as UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** What a spreadsheet would take for a formula; full-width forms too, which some turn into plain ones. */
const FORMULA = /^[\t\r\n ]*[=+\-@＝＋－＠]|^[\t\r\n]/

/** A text with an apostrophe before whatever a spreadsheet would compute. */
export const toPlainText = (text: string): string => (FORMULA.test(text) ? `'${text}` : text)

/** One line: every cell in quotes, an apostrophe before whatever a spreadsheet would compute. */
export function toCsvLine(cells: readonly (string | number | null)[]): string {
  const quoted = cells.map((cell) => {
    if (typeof cell === 'number') return String(cell)
    return `"${toPlainText(cell ?? '').replaceAll('"', '""')}"`
  })
  return `${quoted.join(',')}\r\n`
}
