import { QrEncoder } from './qr.ts'

const quietZone = 4

/**
 * A QR symbol of level M as an SVG picture with its quiet zone, one unit a module, without fixed size (for a screen or a page).
 *
 * @throws TemplateError QR_TEXT_TOO_LONG beyond version 14 (362 bytes, or 528 capitals and digits)
 */
export function qrSvg(text: string): string {
  const { size, modules } = new QrEncoder().encode(text)
  let path = ''
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (modules[row * size + column] === 0) continue
      const start = column
      while (column < size && modules[row * size + column] === 1) column++
      path += `M${start + quietZone} ${row + quietZone}h${column - start}v1h-${column - start}z`
    }
  }
  const side = size + 2 * quietZone
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>`
  )
}
