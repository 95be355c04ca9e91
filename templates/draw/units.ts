import type { Colour } from '../layout.ts'

export const pointsPerMm = 72 / 25.4

/** A number of a content stream, at most three decimals, without needless zeros. */
export function numeral(value: number): string {
  const text = value.toFixed(3).replace(/\.?0+$/, '')
  return text === '-0' ? '0' : text
}

export const fillColour = (colour: Colour): string => `${colour.map(numeral).join(' ')} rg\n`
export const strokeColour = (colour: Colour): string => `${colour.map(numeral).join(' ')} RG\n`
