// A strict subset of SVG: outlines filled or stroked in one ink. What is not on the lists below is refused by name.
import { ArtworkFault } from './artwork-fault.ts'
import { traceEllipse } from './drawing.ts'
import { mapOutline, type OutlineCommand } from './outline.ts'
import type { InkShape } from './raster.ts'
import { type Element, readMarkup } from './svg-markup.ts'
import { readSvgPath } from './svg-path.ts'
import { apply, identity, type Matrix, multiply, readTransform, scaleOf } from './svg-transform.ts'

/** What an SVG shows, in units of its view box, y downwards from the upper left corner. */
export interface SvgInk {
  readonly width: number
  readonly height: number
  readonly shapes: readonly InkShape[]
}

const namespace = 'http://www.w3.org/2000/svg'
const paints = ['fill', 'fill-rule', 'stroke', 'stroke-width', 'stroke-linejoin', 'stroke-linecap', 'transform', 'id']
const attributesOf: Readonly<Record<string, readonly string[]>> = {
  svg: ['xmlns', 'version', 'width', 'height', 'viewBox'],
  g: [],
  title: [],
  desc: [],
  path: ['d'],
  circle: ['cx', 'cy', 'r'],
  ellipse: ['cx', 'cy', 'rx', 'ry'],
  rect: ['x', 'y', 'width', 'height'],
  polygon: ['points'],
}
const mostCharacters = 1_048_576
const largest = 1e6

interface Style {
  readonly fill: string
  readonly rule: 'nonzero' | 'evenodd'
  readonly stroke: string
  readonly strokeWidth: number
  readonly matrix: Matrix
}

/** Reads an SVG. Throws `ArtworkFault` naming what is not plain outlines in one colour. */
export function readSvg(text: string): SvgInk {
  if (text.length > mostCharacters)
    throw new ArtworkFault('ARTWORK_TOO_LARGE', `more than ${mostCharacters} characters`)
  const root = readMarkup(text)
  if (root.name !== 'svg' || root.attributes.xmlns !== namespace)
    throw new ArtworkFault('ARTWORK_DAMAGED', 'not an SVG document')
  const [left, top, width, height] = readViewBox(root)
  const shapes: InkShape[] = []
  const inks = new Set<string>()
  const start = {
    fill: 'black',
    rule: 'nonzero',
    stroke: 'none',
    strokeWidth: 1,
    matrix: multiply(identity, [1, 0, 0, 1, -left, -top]),
  }
  collect(root, start as Style, shapes, inks)
  if (inks.size > 1)
    throw new ArtworkFault('ARTWORK_NOT_ONE_INK', `more than one colour: ${[...inks].sort().join(', ')}`)
  const [ink] = inks
  if (ink === 'white' || ink === '#ffffff') throw new ArtworkFault('ARTWORK_NOT_ONE_INK', 'white is no ink')
  return { width, height, shapes }
}

function readViewBox({ attributes }: Element): readonly [number, number, number, number] {
  const box =
    attributes.viewBox === undefined
      ? [0, 0, readNumber(attributes.width, 'width'), readNumber(attributes.height, 'height')]
      : attributes.viewBox
          .trim()
          .split(/[\s,]+/)
          .map((part) => readNumber(part, 'viewBox'))
  if (box.length !== 4 || !(box[2]! > 0 && box[3]! > 0)) throw new ArtworkFault('ARTWORK_DAMAGED', 'viewBox')
  return box as [number, number, number, number]
}

function collect(element: Element, above: Style, shapes: InkShape[], inks: Set<string>): void {
  const own = Object.hasOwn(attributesOf, element.name) ? attributesOf[element.name] : undefined
  if (own === undefined) throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', `element ${element.name.slice(0, 40)}`)
  for (const name of Object.keys(element.attributes)) {
    if (!own.includes(name) && !paints.includes(name)) {
      throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', `attribute ${name.slice(0, 40)} of ${element.name}`)
    }
  }
  const style = readStyle(element, above)
  const steps = outlineOf(element)
  if (steps !== undefined) {
    for (const paint of [style.fill, style.stroke]) if (paint !== 'none') inks.add(paint)
    const strokeWidth = style.stroke === 'none' ? 0 : style.strokeWidth * scaleOf(style.matrix)
    const rule = style.fill === 'none' ? 'none' : style.rule
    shapes.push({ steps: mapOutline(steps, (x, y) => apply(style.matrix, x, y)), rule, strokeWidth })
  }
  if (element.name === 'title' || element.name === 'desc') return
  for (const child of element.children) {
    if (child.name === 'svg') throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', 'element svg within another')
    collect(child, style, shapes, inks)
  }
}

function readStyle({ attributes }: Element, above: Style): Style {
  const rule = attributes['fill-rule'] ?? above.rule
  if (rule !== 'nonzero' && rule !== 'evenodd') throw new ArtworkFault('ARTWORK_DAMAGED', 'fill-rule')
  const strokeWidth = attributes['stroke-width']
  const { transform } = attributes
  return {
    fill: attributes.fill === undefined ? above.fill : readPaint(attributes.fill),
    rule,
    stroke: attributes.stroke === undefined ? above.stroke : readPaint(attributes.stroke),
    strokeWidth: strokeWidth === undefined ? above.strokeWidth : Math.abs(readNumber(strokeWidth, 'stroke-width')),
    matrix: transform === undefined ? above.matrix : multiply(above.matrix, readTransform(transform)),
  }
}

function readPaint(text: string): string {
  const paint = text.trim().toLowerCase()
  if (/^#[0-9a-f]{3}$/.test(paint)) return `#${[...paint.slice(1)].map((digit) => digit + digit).join('')}`
  if (/^(#[0-9a-f]{6}|none|black|red|white)$/.test(paint)) return paint
  throw new ArtworkFault('ARTWORK_NOT_SUPPORTED', 'paint other than a colour of three or six hexadecimal digits')
}

/** Undefined for elements that draw nothing themselves. */
function outlineOf({ name, attributes }: Element): OutlineCommand[] | undefined {
  const length = (key: string) => readNumber(attributes[key] ?? '0', key)
  const around = (rx: number, ry: number) =>
    mapOutline(traceEllipse(rx, ry), (x, y) => [length('cx') + x, length('cy') + y])
  switch (name) {
    case 'path':
      return readSvgPath(attributes.d ?? '')
    case 'circle':
      return around(length('r'), length('r'))
    case 'ellipse':
      return around(length('rx'), length('ry'))
    case 'rect': {
      const [x, y, width, height] = [length('x'), length('y'), length('width'), length('height')]
      return [['M', x, y], ['L', x + width, y], ['L', x + width, y + height], ['L', x, y + height], ['Z']]
    }
    case 'polygon': {
      const path = readSvgPath(`M${attributes.points ?? ''}`)
      return [...path, ['Z']]
    }
    default:
      return undefined
  }
}

/** A plain number; lengths may say px or, on the root, mm, which the view box makes meaningless. */
function readNumber(text: string | undefined, what: string): number {
  const found = /^\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?)(?:px|mm)?\s*$/.exec(text ?? '')
  const value = Number(found?.[1] ?? Number.NaN)
  if (!(Math.abs(value) <= largest)) throw new ArtworkFault('ARTWORK_DAMAGED', what)
  return value
}
