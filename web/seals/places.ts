import type { Place } from './use.ts'

/** What is typed of where a seal is to stand. */
export interface PlaceForm {
  kind: 'point' | 'text'
  page: number
  x: number
  y: number
  text: string
  straddle: boolean
}

export const emptyPlace = (): PlaceForm => ({ kind: 'point', page: -1, x: 140, y: 60, text: '', straddle: false })

export const isPlaced = ({ kind, text }: PlaceForm): boolean => kind === 'point' || text.trim() !== ''

export const toPlaces = ({ kind, page, x, y, text, straddle }: PlaceForm): readonly Place[] => [
  kind === 'point' ? { at: 'point', page, x, y } : { at: 'text', text: text.trim(), occurrence: 'last' },
  ...(straddle ? [{ at: 'edge', edge: 'right' } as const] : []),
]
