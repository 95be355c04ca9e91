/**
 * templates/draw: what pages are drawn with. The door offers what other rooms draw for themselves: QR symbols, and printed
 * sheets that are no licences.
 *
 * Everything else in this folder serves `templates` alone: texts, tables, pictures, ornament.
 */
export { QrEncoder, type QrMatrix } from './qr.ts'
export { qrSvg } from './qr-svg.ts'
export { drawSheet, type Sheet, type SheetBlock, type SheetColour } from './sheet.ts'
