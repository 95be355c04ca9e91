import type { PictureReference } from '../../licence-format/index.ts'
import type { PictureElement, QrElement } from '../layout.ts'
import type { Press } from './press.ts'
import type { QrEncoder, QrMatrix } from './qr.ts'
import { fillColour } from './units.ts'
import { across, type Drawer, upFrom, type Workshop } from './workshop.ts'

/** A picture in its box: whole and centred, or filling the box and cut off at its edges. */
export function compilePicture(element: PictureElement, workshop: Workshop): Drawer {
  const [x, y] = [across(element.x), upFrom(workshop, element.y + element.height)]
  const [width, height] = [across(element.width), across(element.height)]
  return (press) => {
    const value = press.values.fields[element.field]
    if (!isPicture(value)) return
    const scales = [width / value.width, height / value.height] as const
    const scale = element.fit === 'cover' ? Math.max(...scales) : Math.min(...scales)
    const [w, h] = [value.width * scale, value.height * scale]
    const { writer } = press
    const numbers = (...values: number[]) => {
      for (const number of values) writer.number(number)
    }
    writer.text('q ')
    numbers(x, y, width, height)
    writer.text('re W n ')
    numbers(w, 0, 0, h, x + (width - w) / 2, y + (height - h) / 2)
    writer.text(`cm /${registerPicture(press, value.digest)} Do Q\n`)
  }
}

function isPicture(value: unknown): value is PictureReference {
  return typeof value === 'object' && value !== null && 'digest' in value
}

function registerPicture(press: Press, digest: string): string {
  const known = press.pictures.find((picture) => picture.digest === digest)
  if (known !== undefined) return known.resource
  const resource = `P${press.pictures.length + 1}`
  press.pictures.push({ digest, resource })
  return resource
}

const black = [0, 0, 0] as const
const zero = 48
const space = 32
const one = 49
const letterR = 114
const letterE = 101
const lineFeed = 10

/** The statement's QR symbol as runs of dark modules in one path, filled once, so that no seams show. */
export function compileQr(element: QrElement, workshop: Workshop, encoder: QrEncoder): Drawer {
  const [x, y, side] = [across(element.x), upFrom(workshop, element.y + element.size), across(element.size)]
  const colour = fillColour(element.colour ?? black)
  return (press) => {
    if (press.statementText === '') return
    const matrix = encoder.encode(press.statementText)
    const { writer } = press
    writer.text(`q ${colour}`)
    // more decimals than elsewhere: a module's side is multiplied by its place
    const scale = (side / matrix.size).toFixed(5)
    writer.text(`${scale} 0 0 ${scale} ${x.toFixed(3)} ${y.toFixed(3)} cm\n`)
    drawRuns(press, matrix)
    writer.text('f Q\n')
  }
}

/** One `x y width 1 re` a run; places and lengths are at most 73, two digits, so they are written without a call. */
function drawRuns(press: Press, { size, modules }: QrMatrix): void {
  const { writer } = press
  writer.reserve(size * size * 8)
  const { bytes } = writer
  let { position } = writer
  for (let row = 0; row < size; row++) {
    const y = size - 1 - row
    const end = (row + 1) * size
    for (let at = row * size; at < end; at++) {
      if (modules[at] === 0) continue
      const start = at
      while (at < end && modules[at] === 1) at++
      const x = start - row * size
      const width = at - start
      if (x >= 10) bytes[position++] = zero + ((x / 10) | 0)
      bytes[position++] = zero + (x % 10)
      bytes[position++] = space
      if (y >= 10) bytes[position++] = zero + ((y / 10) | 0)
      bytes[position++] = zero + (y % 10)
      bytes[position++] = space
      if (width >= 10) bytes[position++] = zero + ((width / 10) | 0)
      bytes[position++] = zero + (width % 10)
      bytes[position++] = space
      bytes[position++] = one
      bytes[position++] = space
      bytes[position++] = letterR
      bytes[position++] = letterE
      bytes[position++] = lineFeed
    }
  }
  writer.position = position
}
