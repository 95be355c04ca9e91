import type { BorderElement, RosetteElement, WavesElement } from '../layout.ts'
import { numeral as n, pointsPerMm, strokeColour } from './units.ts'
import { across, upFrom, type Workshop } from './workshop.ts'

type Curve = (t: number) => readonly [number, number]

/** A smooth curve as cubic pieces through its points, tangents taken from the curve itself. */
function traceCurve(curve: Curve, from: number, to: number, pieces: number): string {
  const step = (to - from) / pieces
  const tiny = step / 1000
  const slope = (t: number): [number, number] => {
    const [a, b] = [curve(t - tiny), curve(t + tiny)]
    return [(b[0] - a[0]) / (2 * tiny), (b[1] - a[1]) / (2 * tiny)]
  }
  let [x, y] = curve(from)
  let [dx, dy] = slope(from)
  let path = `${n(x)} ${n(y)} m\n`
  for (let i = 1; i <= pieces; i++) {
    const t = from + i * step
    const [nx, ny] = curve(t)
    const [ndx, ndy] = slope(t)
    const third = step / 3
    path += `${n(x + dx * third)} ${n(y + dy * third)} ${n(nx - ndx * third)} ${n(ny - ndy * third)} ${n(nx)} ${n(ny)} c\n`
    ;[x, y, dx, dy] = [nx, ny, ndx, ndy]
  }
  return path
}

const turned = (angle: number, x: number, y: number): string =>
  `${n4(Math.cos(angle))} ${n4(Math.sin(angle))} ${n4(-Math.sin(angle))} ${n4(Math.cos(angle))} ${n(x)} ${n(y)} cm`
const n4 = (value: number): string => String(Number(value.toFixed(5)))

/** A flower of one closed curve, turned strand by strand. */
export function drawRosette(element: RosetteElement, workshop: Workshop): void {
  const x = across(element.x)
  const y = upFrom(workshop, element.y)
  workshop.fixed.push(rosetteAt(element, x, y, workshop))
}

function rosetteAt(
  element: Omit<RosetteElement, 'kind' | 'x' | 'y'>,
  x: number,
  y: number,
  workshop: Workshop,
): string {
  const outer = across(element.radius)
  const inner = outer * element.hollow
  const { petals, strands, turns = 1 } = element
  const rate = petals / turns
  const curve: Curve = (angle) => {
    const wave = (1 + Math.cos(rate * angle)) / 2
    const radius = inner + (outer - inner) * (0.82 * wave + 0.18 * wave * wave)
    const lean = angle + 0.35 * (Math.sin(rate * angle) / petals)
    return [radius * Math.cos(lean), radius * Math.sin(lean)]
  }
  const reach = outer + 1
  const content = `${traceCurve(curve, 0, 2 * Math.PI * turns, petals * (turns > 1 ? 8 : 6))}s\n`
  const form = workshop.form([-reach, -reach, reach, reach], content)
  let drawn = `q ${strokeColour(element.colour)}${n(across(element.width))} w 1 j ${turned(0, x, y)}\n`
  const turn = (2 * Math.PI) / petals / strands
  for (let i = 0; i < strands; i++) drawn += `/${form} Do ${turned(turn, 0, 0)}\n`
  return `${drawn}Q\n`
}

const margin = 2.4
const fullBand = 27

/** A frame: outer and inner rules, a woven band between two fine ones on each side, a rosette at each corner. */
export function drawBorder(element: BorderElement, workshop: Workshop): void {
  const band = across(element.band)
  const [x, y] = [across(element.x), upFrom(workshop, element.y + element.height)]
  const [width, height] = [across(element.width), across(element.height)]
  const { fixed } = workshop
  const rule = (weight: number, ...box: number[]) => fixed.push(`${n(weight)} w ${box.map(n).join(' ')} re S\n`)
  fixed.push(`q ${strokeColour(element.colour)}`)
  rule(1.3, x, y, width, height)
  rule(1, x + band, y + band, width - 2 * band, height - 2 * band)
  const tile = bandTile(element.pattern, band - 2 * margin, workshop)
  const side = (length: number, place: string) => {
    const count = Math.max(1, Math.round(length / tile.length))
    fixed.push(`q ${place} cm\n`)
    rule(0.45, 0, margin - band / 2, length, band - 2 * margin)
    fixed.push(`${n4(length / (count * tile.length))} 0 0 1 0 0 cm ${n((0.46 * band) / fullBand)} w\n`)
    for (let i = 0; i < count; i++) fixed.push(`/${tile.name} Do 1 0 0 1 ${n(tile.length)} 0 cm\n`)
    fixed.push('Q\n')
  }
  const [left, right, bottom, top] = [x + band / 2, x + width - band / 2, y + band / 2, y + height - band / 2]
  side(width - 2 * band, `1 0 0 1 ${n(x + band)} ${n(bottom)}`)
  side(width - 2 * band, `1 0 0 1 ${n(x + band)} ${n(top)}`)
  side(height - 2 * band, `0 1 -1 0 ${n(left)} ${n(y + band)}`)
  side(height - 2 * band, `0 1 -1 0 ${n(right)} ${n(y + band)}`)
  const inner = band - 2 * margin
  const flower = { radius: (inner * 0.46) / pointsPerMm, petals: 11, turns: 4, strands: 1, hollow: 0.2, width: 0.12 }
  for (const cx of [left, right]) {
    for (const cy of [bottom, top]) {
      rule(0.45, cx - inner / 2, cy - inner / 2, inner, inner)
      fixed.push(rosetteAt({ ...flower, colour: element.accent ?? element.colour }, cx, cy, workshop))
    }
  }
  fixed.push('Q\n')
}

/** One wavelength of the band around the x axis, as a form. */
function bandTile(
  pattern: BorderElement['pattern'],
  height: number,
  workshop: Workshop,
): { name: string; length: number } {
  const length = height * (pattern === 'lattice' ? 1.1 : 1.5)
  const swing = height / 2 - 0.4
  const phases = bandPhases[pattern]
  let content = ''
  for (const [phase, scale] of phases) {
    const curve: Curve = (t) => [t * length, swing * scale * Math.sin(2 * Math.PI * (t + phase))]
    content += traceCurve(curve, 0, 1, 8)
  }
  const name = workshop.form([-1, -height / 2 - 1, length + 1, height / 2 + 1], `${content}S\n`)
  return { name, length }
}

const spread = (count: number, from: number, to: number, scale = 1): [number, number][] =>
  Array.from({ length: count }, (_, i) => [from + ((to - from) * i) / count, scale])

/** Phases, as parts of a wavelength, and heights of the lines that make the band. */
const bandPhases: Readonly<Record<BorderElement['pattern'], readonly (readonly [number, number])[]>> = {
  ribbon: [...spread(6, 0, 0.2), ...spread(6, 0.5, 0.7)],
  wave: [...spread(5, 0, 0.12), ...spread(5, 0.33, 0.45), ...spread(5, 0.66, 0.78)],
  lattice: [...spread(8, 0, 1), ...spread(4, 0, 1, 0.55)],
}

/** Fine parallel waves, one form drawn line after line. */
export function drawWaves(element: WavesElement, workshop: Workshop): void {
  const [x, top] = [across(element.x), upFrom(workshop, element.y)]
  const [width, height] = [across(element.width), across(element.height)]
  const length = across(element.wavelength)
  const swing = across(element.amplitude)
  const distance = across(element.distance)
  const periods = Math.ceil(width / length)
  const curve: Curve = (t) => [t * length, swing * Math.sin(2 * Math.PI * t) + swing * 0.4 * Math.sin(Math.PI * t)]
  const reach = 2 * swing + 1
  const form = workshop.form([0, -reach, periods * length, reach], `${traceCurve(curve, 0, periods, periods * 4)}S\n`)
  const { fixed } = workshop
  fixed.push(`q ${n(x)} ${n(top - height)} ${n(width)} ${n(height)} re W n ${strokeColour(element.colour)}`)
  fixed.push(`${n(across(element.lineWidth))} w 1 0 0 1 ${n(x)} ${n(top)} cm\n`)
  const lines = Math.ceil(height / distance)
  for (let i = 0; i <= lines; i++) fixed.push(`/${form} Do 1 0 0 1 0 ${n(-distance)} cm\n`)
  fixed.push('Q\n')
}
