import { numeral as n } from '../draw/units.ts'
import type { Face } from '../fonts/face.ts'
import { glyphOutline } from '../fonts/outline.ts'

const words = '样张 SPECIMEN'
const em = 1000

/** 样张 SPECIMEN across a page, as outlines; the graphics state GM gives its opacity. */
export function specimenMark(face: Face, width: number, height: number): string {
  let advance = 0
  let path = ''
  for (const character of words) {
    const outline = glyphOutline(face, character.codePointAt(0)!)
    if (outline === undefined) continue
    for (const command of outline.commands) {
      const numbers = command.slice(1) as number[]
      const placed = numbers.map((value, i) => n(i % 2 === 0 ? value + advance : value))
      path += `${placed.join(' ')} ${{ M: 'm', L: 'l', C: 'c', Z: 'h' }[command[0]]}\n`
    }
    advance += outline.advance
  }
  const angle = Math.atan2(height, width)
  const scale = (0.72 * Math.hypot(width, height)) / advance
  const [c, s] = [Math.cos(angle) * scale, Math.sin(angle) * scale]
  const [dx, dy] = [advance / 2, 0.36 * em]
  const origin = `${n(width / 2 - c * dx + s * dy)} ${n(height / 2 - s * dx - c * dy)}`
  return `q /GM gs 0.75 0.1 0.1 rg ${c.toFixed(5)} ${s.toFixed(5)} ${(-s).toFixed(5)} ${c.toFixed(5)} ${origin} cm\n${path}f Q\n`
}
