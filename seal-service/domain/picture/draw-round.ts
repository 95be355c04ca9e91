import { layOutRoundSeal } from '../seal-layout.ts'
import type { RoundSealSpec } from '../seal-picture-spec.ts'
import type { Drawing, Shape } from './drawing.ts'
import type { OutlineCommand, OutlineSource } from './outline.ts'
import type { PlacedCharacter } from './placed-character.ts'
import { traceArtwork, traceCharacter, traceStar } from './trace.ts'

/** Song type has hairlines that a seal maker would cut deeper: outlines are widened by this much, in millimetres. */
const engravingWidth = 0.14
/** The same for small letters and digits, which would run together. */
const fineEngravingWidth = 0.06

/** Rim, centre, the name on one ring or two, a second language outside it, a line and a number below. */
export function drawRound(spec: RoundSealSpec, outlines: OutlineSource): Drawing {
  const { diameterMm, artwork } = spec
  const layout = layOutRoundSeal(spec, outlines)
  const rim = diameterMm / 2 - layout.ringWidth / 2
  const star = spec.centre === 'star' ? traceStar(layout.starRadius) : []
  return {
    widthMm: diameterMm,
    heightMm: diameterMm,
    shapes: [
      { form: 'rim', rx: rim, ry: rim, strokeMm: layout.ringWidth },
      ...inkOf([...layout.ring, ...layout.lower], outlines, star),
      ...fineInkOf([...layout.letters, ...layout.code], outlines),
      ...(artwork === undefined ? [] : [artworkOf(artwork, { side: layout.artworkSide, y: 0 })]),
    ],
  }
}

/** Ideographs, and what else is cut as deep. */
export function inkOf(
  characters: readonly PlacedCharacter[],
  outlines: OutlineSource,
  more: readonly OutlineCommand[] = [],
): Shape[] {
  const steps = [...more, ...characters.flatMap((character) => traceCharacter(character, outlines))]
  return steps.length === 0 ? [] : [{ form: 'ink', steps, strokeMm: engravingWidth }]
}

export function fineInkOf(characters: readonly PlacedCharacter[], outlines: OutlineSource): Shape[] {
  const steps = characters.flatMap((character) => traceCharacter(character, outlines))
  return steps.length === 0 ? [] : [{ form: 'ink', steps, strokeMm: fineEngravingWidth }]
}

export function artworkOf(
  artwork: NonNullable<RoundSealSpec['artwork']>,
  { side, y }: { side: number; y: number },
): Shape {
  return { form: 'cut', steps: traceArtwork(artwork, { width: side, height: side, y }) }
}
