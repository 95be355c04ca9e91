import { todayInChina } from '../../kit/clock.ts'
import { type Members, numberOf, textOf } from './lists.ts'
import { partKinds } from './rule-words.ts'

/** A part of the printed number says what it is by its one member. */
export const kindOfPart = (part: Members): string => Object.keys(partKinds).find((kind) => kind in part) ?? 'text'

/** What a part of a kind begins as. */
export const newPart = (kind: string): Record<string, unknown> => {
  if (kind === 'text') return { text: '-' }
  return { [kind]: kind === 'sequence' ? 6 : true }
}

/** A number as it would be printed today, the third of its count; a check digit stands as `#`. */
export function sampleNumber(parts: readonly Members[], today: Date): string {
  const day = todayInChina(today).replaceAll('-', '')
  return parts
    .map((part) => {
      const kind = kindOfPart(part)
      if (kind === 'text') return textOf(part['text'])
      if (kind === 'sequence') return '3'.padStart(Math.min(15, numberOf(part['sequence'], 1)), '0')
      return { area: '330102', year: day.slice(0, 4), day, checkDigit: '#' }[kind] ?? ''
    })
    .join('')
}
