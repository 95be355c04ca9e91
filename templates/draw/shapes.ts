import type { BoxElement, LineElement } from '../layout.ts'
import { fillColour, numeral as n, strokeColour } from './units.ts'
import { across, upFrom, type Workshop } from './workshop.ts'

/** Distance of a quarter circle's control points from its ends, as part of the radius. */
const arc = 0.5523

export function drawLine(element: LineElement, workshop: Workshop): void {
  const [from, to] = [element.from, element.to].map(([x, y]) => `${n(across(x))} ${n(upFrom(workshop, y))}`)
  const dash = element.dash === undefined ? '' : `[${element.dash.map((d) => n(across(d))).join(' ')}] 0 d `
  workshop.fixed.push(`q ${strokeColour(element.colour)}${n(across(element.width))} w ${dash}${from} m ${to} l S Q\n`)
}

export function drawBox(element: BoxElement, workshop: Workshop): void {
  const [x, y] = [across(element.x), upFrom(workshop, element.y + element.height)]
  const [width, height, radius] = [across(element.width), across(element.height), across(element.radius ?? 0)]
  const path = radius === 0 ? `${n(x)} ${n(y)} ${n(width)} ${n(height)} re` : roundedBox(x, y, width, height, radius)
  const fill = element.fill === undefined ? '' : fillColour(element.fill)
  const stroke =
    element.stroke === undefined ? '' : `${strokeColour(element.stroke.colour)}${n(across(element.stroke.width))} w `
  const paint = fill !== '' && stroke !== '' ? 'B' : fill !== '' ? 'f' : 'S'
  workshop.fixed.push(`q ${fill}${stroke}${path} ${paint} Q\n`)
}

function roundedBox(x: number, y: number, width: number, height: number, radius: number): string {
  const [right, top] = [x + width, y + height]
  const k = radius * (1 - arc)
  const curve = (...at: number[]) => `${at.map(n).join(' ')} c `
  return (
    `${n(x + radius)} ${n(y)} m ${n(right - radius)} ${n(y)} l ` +
    curve(right - k, y, right, y + k, right, y + radius) +
    `${n(right)} ${n(top - radius)} l ` +
    curve(right, top - k, right - k, top, right - radius, top) +
    `${n(x + radius)} ${n(top)} l ` +
    curve(x + k, top, x, top - k, x, top - radius) +
    `${n(x)} ${n(y + radius)} l ${curve(x, y + k, x + k, y, x + radius, y)}h`
  )
}
