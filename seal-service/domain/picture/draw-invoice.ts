// The special seal for invoices, every size from 税务总局公告2011年第7号 (annex: 发票专用章式样).
import type { InvoiceSealSpec } from '../seal-picture-spec.ts'
import { fineInkOf, inkOf } from './draw-round.ts'
import type { Drawing } from './drawing.ts'
import type { OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { restsAt, setLine, setOnArc, toCodePoints } from './set-text.ts'
import { createTrack } from './track.ts'

const width = 40
const height = 30
const edge = 1
const degree = Math.PI / 180
/** 字高 is that of the characters' face; their em square is a little larger. */
const faceOfEm = 0.93

/** Between the rim and the name. */
const nameGap = 0.5
const nameHeight = 4.2
/** 环排角度 210 to 260 degrees. */
const nameArc = { short: 210, long: 260 } as const
const numberHeight = 3.7
const numberWidth = 1.3
/** 18 digits; more are set closer, fewer keep the distance. */
const numberLength = 26
const usualDigits = 18
const title = '发票专用章'
const titleHeight = 4.6
const titleWidth = 3
const titleTop = 4.2
const serialHeight = 2.2
const serialWidth = 1.7
const serialTop = 10

export function drawInvoice(spec: InvoiceSealSpec, outlines: OutlineSource): Drawing {
  const { name, line, digits, serial } = layOutInvoice(spec)
  return {
    widthMm: width,
    heightMm: height,
    shapes: [
      { form: 'rim', rx: (width - edge) / 2, ry: (height - edge) / 2, strokeMm: edge },
      ...inkOf([...name, ...line], outlines),
      ...fineInkOf([...digits, ...serial], outlines),
    ],
  }
}

/** Where the parts stand. */
export function layOutInvoice({ ringText, taxNumber, serial }: InvoiceSealSpec) {
  return {
    name: layOutName(ringText),
    line: setLine(toCodePoints(title), {
      ...{ height: titleHeight / faceOfEm, width: titleWidth / faceOfEm, pitch: titleWidth * 1.12 },
      y: -titleTop - titleHeight / 2,
    }),
    digits: layOutNumber(taxNumber),
    serial: serial === null ? [] : layOutSerial(serial),
  }
}

/** The arc grows with the name; its characters keep their height and become narrower (字宽根据名称字数确定). */
function layOutName(text: string): PlacedCharacter[] {
  const name = toCodePoints(text)
  const track = createTrack(width / 2 - edge, height / 2 - edge, nameGap + nameHeight * (1 - restsAt))
  const share = Math.min(1, Math.max(0, (name.length - 8) / 12))
  const arc = nameArc.short + (nameArc.long - nameArc.short) * share
  const em = nameHeight / faceOfEm
  // The angle is measured over the whole name, so its first and last characters stand half of one within.
  const ends = 2 * track.distanceAt((arc / 2) * degree)
  const span = Math.min(ends * (1 - 1 / name.length), (name.length - 1) * nameHeight * 1.6)
  return setOnArc(name, track, { height: em, widest: em * 0.86, span })
}

function layOutNumber(text: string): PlacedCharacter[] {
  const digits = toCodePoints(text)
  const usualPitch = (numberLength - numberWidth) / (usualDigits - 1)
  const pitch = Math.min(usualPitch, (numberLength - numberWidth) / (digits.length - 1))
  const digitWidth = Math.min(numberWidth, pitch * 0.9)
  // A digit's ink is a little narrower than its advance, which the box holds.
  const line = setLine(digits, { height: numberHeight, width: digitWidth * 1.12, pitch, y: 0 })
  return line.map((place) => ({ ...place, type: 'sans', fitsCapitals: true }))
}

function layOutSerial(serial: number): PlacedCharacter[] {
  const line = setLine(toCodePoints(`(${serial})`), {
    ...{ height: serialHeight, width: serialWidth, pitch: serialWidth * 1.05 },
    y: -serialTop - serialHeight / 2,
  })
  return line.map((place) => ({ ...place, type: 'sans', fitsCapitals: true }))
}
