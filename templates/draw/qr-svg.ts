import { QrEncoder, type QrMatrix } from './qr.ts'

const quietZone = 4

/** Dark modules that stand side by side in a row, row by row from the top. */
export function* darkRuns({ size, modules }: QrMatrix): Iterable<{ row: number; column: number; length: number }> {
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (modules[row * size + column] === 0) continue
      const start = column
      while (column < size && modules[row * size + column] === 1) column++
      yield { row, column: start, length: column - start }
    }
  }
}

/**
 * A QR symbol of level M as an SVG picture with its quiet zone, one unit a module, without fixed size (for a screen or a page).
 *
 * @throws TemplateError QR_TEXT_TOO_LONG beyond version 14 (362 bytes, or 528 capitals and digits)
 */
export function qrSvg(text: string): string {
  const symbol = new QrEncoder().encode(text)
  let path = ''
  for (const { row, column, length } of darkRuns(symbol))
    path += `M${column + quietZone} ${row + quietZone}h${length}v1h-${length}z`
  const side = symbol.size + 2 * quietZone
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>`
  )
}
