/** A step of an outline, y upwards unless said: move, line, cubic curve, close. */
export type OutlineCommand =
  | readonly ['M', number, number]
  | readonly ['L', number, number]
  | readonly ['C', number, number, number, number, number, number]
  | readonly ['Z']

/** The outline of one character, in font units. */
export interface Outline {
  readonly commands: readonly OutlineCommand[]
  readonly advance: number
  readonly unitsPerEm: number
}

/** The types that seals are cut in: 宋体, the same bold, and the plain type of numbers. */
export type SealType = 'song' | 'song-bold' | 'sans'

/** Gives the outline of a character in a type (宋体 unless said), undefined where the type lacks it. */
export type OutlineSource = (codePoint: number, type?: SealType) => Outline | undefined

/** The steps with every point moved. */
export function mapOutline(
  steps: readonly OutlineCommand[],
  toPlace: (x: number, y: number) => [number, number],
): OutlineCommand[] {
  return steps.map((step): OutlineCommand => {
    if (step[0] === 'Z') return step
    if (step[0] === 'C') {
      return ['C', ...toPlace(step[1], step[2]), ...toPlace(step[3], step[4]), ...toPlace(step[5], step[6])]
    }
    return [step[0], ...toPlace(step[1], step[2])]
  })
}
