import { describe, expect, it } from 'vitest'
import { ArtworkFault } from '../../../seal-service/domain/picture/artwork-fault.ts'
import { type Coverage, rasterise } from '../../../seal-service/domain/picture/raster.ts'
import { readSvg } from '../../../seal-service/domain/picture/read-svg.ts'

const svg = (inner: string, attributes = 'viewBox="0 0 100 100"') =>
  `<svg xmlns="http://www.w3.org/2000/svg" ${attributes}>${inner}</svg>`

function refusalOf(text: string): string {
  try {
    readSvg(text)
  } catch (error) {
    if (error instanceof ArtworkFault) return `${error.code}: ${error.message}`
    throw error
  }
  return 'read'
}

function paint(inner: string): Coverage {
  const { width, height, shapes } = readSvg(svg(inner))
  return rasterise(shapes, width, height, { scale: 1, offsetX: 0, offsetY: 0, isUpwards: false })
}
const areaOf = ({ ink }: Coverage) => ink.reduce((sum, value) => sum + value / 255, 0)
const isInk = ({ width, ink }: Coverage, x: number, y: number) => ink[y * width + x]! > 127

describe('readSvg', () => {
  it.each([
    ['a rectangle', '<rect x="10" y="20" width="30" height="40"/>', 1200],
    ['a circle', '<circle cx="50" cy="50" r="30"/>', Math.PI * 900],
    ['an ellipse', '<ellipse cx="50" cy="50" rx="40" ry="20"/>', Math.PI * 800],
    ['a polygon', '<polygon points="10,10 90,10 90,90"/>', 3200],
    ['lines of a path', '<path d="M10 10h80v80h-80z"/>', 6400],
    ['numbers run together', '<path d="M10-0l.5.5-.5.5zM10 10H90V90H10Z"/>', 6400.25],
    ['two half circles as arcs', '<path d="M20 50A30 30 0 0 1 80 50A30 30 0 0 1 20 50Z"/>', Math.PI * 900],
    ['the long way of an arc', '<path d="M50 20a30 30 0 1 1-30 30H50Z"/>', Math.PI * 900 * 0.75],
    ['a curve and its mirror', '<path d="M10 50C10 20 40 20 50 50S90 80 90 50V90H10Z"/>', 3200],
    ['quadratic curves', '<path d="M0 100Q50 0 100 100Z"/>', 10000 / 3],
    [
      'a stroke with round joins and ends',
      '<path fill="none" stroke="black" stroke-width="10" d="M20 50L80 50"/>',
      600 + Math.PI * 25,
    ],
    ['a transform', '<g transform="translate(10 10) scale(2)"><rect width="20" height="20"/></g>', 1600],
    ['a turn about a point', '<rect transform="rotate(45 50 50)" x="30" y="30" width="40" height="40"/>', 1600],
    ['a matrix', '<rect transform="matrix(1 0 .5 1 0 0)" x="0" y="10" width="40" height="40"/>', 1600],
  ])('reads %s', (_what, inner, area) => {
    expect(Math.abs(areaOf(paint(inner)) - area)).toBeLessThan(area * 0.02 + 1)
  })

  it('fills by the rule that stands beside the shape', () => {
    const rings = 'd="M10 10H90V90H10ZM30 30H70V70H30Z"'
    expect(isInk(paint(`<path ${rings}/>`), 50, 50)).toBe(true)
    expect(isInk(paint(`<path fill-rule="evenodd" ${rings}/>`), 50, 50)).toBe(false)
  })

  it('passes over declaration, comments and what is for people', () => {
    const text = `<?xml version="1.0" encoding="UTF-8"?>\n<!-- made by hand --><svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="10mm" height="10mm"><title>徽</title><desc>x > y</desc><path d="M0 0H10V10Z"/></svg>\n`
    expect(readSvg(text).shapes).toHaveLength(1)
  })

  it.each([
    ['a script', svg('<script>alert(1)</script>'), 'ARTWORK_NOT_SUPPORTED: not plain SVG in element script'],
    ['an empty script', svg('<script href="x"/>'), 'ARTWORK_NOT_SUPPORTED: element script'],
    ['an event handler', svg('<path d="M0 0H1V1Z" onload="x"/>'), 'ARTWORK_NOT_SUPPORTED: attribute onload'],
    ['a style', svg('<path style="fill:red" d="M0 0H1V1Z"/>'), 'ARTWORK_NOT_SUPPORTED: attribute style'],
    ['a style sheet', svg('<style>path{}</style>'), 'ARTWORK_NOT_SUPPORTED'],
    ['a reference', svg('<use href="#a"/>'), 'ARTWORK_NOT_SUPPORTED: element use'],
    ['an image', svg('<image href="https://elsewhere.example/a.png"/>'), 'ARTWORK_NOT_SUPPORTED: element image'],
    ['a link', svg('<a href="x"><path d="M0 0H1V1Z"/></a>'), 'ARTWORK_NOT_SUPPORTED: element a'],
    ['another vocabulary', svg('<foreignObject/>'), 'ARTWORK_NOT_SUPPORTED: element foreignObject'],
    ['a prefix', '<s:svg xmlns:s="http://www.w3.org/2000/svg"/>', 'ARTWORK_NOT_SUPPORTED'],
    ['a gradient', svg('<path fill="url(#g)" d="M0 0H1V1Z"/>'), 'ARTWORK_NOT_SUPPORTED: paint'],
    ['an svg within', svg(svg('')), 'ARTWORK_NOT_SUPPORTED: element svg'],
    ['a document type', `<!DOCTYPE svg [<!ENTITY a "b">]>${svg('')}`, 'ARTWORK_NOT_SUPPORTED: not plain SVG'],
    ['an entity', svg('<title>&a;</title>'), 'ARTWORK_NOT_SUPPORTED'],
    ['an entity in an attribute', svg('<path d="&a;"/>'), 'ARTWORK_NOT_SUPPORTED'],
    ['a processing instruction', `<?xml-stylesheet href="a"?>${svg('')}`, 'ARTWORK_NOT_SUPPORTED'],
    ['character data', svg('<![CDATA[x]]>'), 'ARTWORK_NOT_SUPPORTED'],
    ['text', svg('<text>印</text>'), 'ARTWORK_NOT_SUPPORTED'],
    [
      'two colours',
      svg('<rect fill="#f00" width="9" height="9"/><rect fill="#00f" width="9" height="9"/>'),
      'ARTWORK_NOT_ONE_INK: more than one colour',
    ],
    ['white alone', svg('<rect fill="#fff" width="9" height="9"/>'), 'ARTWORK_NOT_ONE_INK: white'],
    ['an attribute twice', svg('<rect width="1" width="2" height="1"/>'), 'ARTWORK_DAMAGED: width twice'],
    ['no end', '<svg xmlns="http://www.w3.org/2000/svg"><g>', 'ARTWORK_DAMAGED'],
    ['a wrong end', svg('<g></path>'), 'ARTWORK_DAMAGED'],
    ['an unended comment', svg('<!-- a'), 'ARTWORK_DAMAGED: a comment'],
    ['no namespace', '<svg viewBox="0 0 1 1"/>', 'ARTWORK_DAMAGED: not an SVG'],
    ['an empty view box', svg('', 'viewBox="0 0 0 10"'), 'ARTWORK_DAMAGED: viewBox'],
    ['endless numbers', svg('<rect width="1e99" height="1"/>'), 'ARTWORK_DAMAGED: width'],
    ['broken path data', svg('<path d="M0 0L1"/>'), 'ARTWORK_DAMAGED: path'],
    ['a path without its move', svg('<path d="L1 1"/>'), 'ARTWORK_DAMAGED: a path begins'],
    ['numbers after the close', svg('<path d="M0 0Z1 1"/>'), 'ARTWORK_DAMAGED: path'],
    ['an unknown transform', svg('<g transform="spin(3)"/>'), 'ARTWORK_NOT_SUPPORTED: transform'],
    ['a transform of nothing', svg('<g transform="scale(x)"/>'), 'ARTWORK_DAMAGED: transform'],
    ['nothing', '', 'ARTWORK_DAMAGED'],
    ['words', 'hello', 'ARTWORK_NOT_SUPPORTED'],
    ['a name every object has', svg('<constructor/>'), 'ARTWORK_NOT_SUPPORTED: element constructor'],
  ])('refuses %s', (_what, text, expected) => {
    expect(refusalOf(text).slice(0, expected.length)).toBe(expected)
  })

  it('refuses what is too much of it, at once', () => {
    const began = performance.now()
    expect(refusalOf(svg('<g>'.repeat(100_000)))).toContain('ARTWORK_TOO_DETAILED')
    expect(refusalOf(svg('<g/>'.repeat(100_000)))).toContain('ARTWORK_TOO_DETAILED')
    expect(refusalOf(svg(`<path d="M0 0${'L1 1'.repeat(200_000)}"/>`))).toContain('ARTWORK_TOO_DETAILED')
    expect(refusalOf(`${svg('')}${' '.repeat(2_000_000)}`)).toContain('ARTWORK_TOO_LARGE')
    expect(refusalOf(svg(`<path ${' '.repeat(500_000)}d`))).toContain('ARTWORK_NOT_SUPPORTED')
    expect(refusalOf(svg(`<path ${'a="1" '.repeat(100_000)}`))).toContain('ARTWORK')
    expect(performance.now() - began).toBeLessThan(10_000)
  })
})
