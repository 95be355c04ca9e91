// The path text of a cleaned artwork: absolute M, L, C, Z and whole numbers, nothing else.
import type { SealArtwork } from '../seal-picture-spec.ts'
import { pictureLimits } from '../seal-picture-spec.ts'
import type { OutlineCommand } from './outline.ts'

const step = /([MLC])((?:-?\d{1,4})(?: -?\d{1,4})*)|Z/y
const numbersOf = { M: 2, L: 2, C: 6 } as const

/** The steps of a cleaned path, y downwards; undefined where the text is anything else or leaves its box. */
export function readArtworkPath({ width, height, path }: SealArtwork): OutlineCommand[] | undefined {
  const { artworkUnits, artworkPathLength } = pictureLimits
  if (![width, height].every((side) => Number.isInteger(side) && side > 0 && side <= artworkUnits)) return undefined
  if (path.length === 0 || path.length > artworkPathLength) return undefined
  const commands: OutlineCommand[] = []
  let isOpen = false
  step.lastIndex = 0
  while (step.lastIndex < path.length) {
    const found = step.exec(path)
    if (found === null) return undefined
    const name = found[1] as keyof typeof numbersOf | undefined
    if (isOpen === (name === 'M')) return undefined
    isOpen = name !== undefined
    if (name === undefined) {
      commands.push(['Z'])
      continue
    }
    const at = found[2]!.split(' ').map(Number)
    if (at.length !== numbersOf[name]) return undefined
    if (at.some((value, index) => value < 0 || value > (index % 2 === 0 ? width : height))) return undefined
    commands.push(toCommand(name, at))
  }
  return isOpen ? undefined : commands
}

/** As many numbers as the step takes have been counted before. */
function toCommand(name: keyof typeof numbersOf, [x, y, x2, y2, x3, y3]: readonly number[]): OutlineCommand {
  return name === 'C' ? [name, x!, y!, x2!, y2!, x3!, y3!] : [name, x!, y!]
}
