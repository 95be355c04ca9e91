import type { Workshop } from '../../dependencies.ts'
import { lookDistance } from '../../domain/picture/likeness.ts'
import { editDistance, wordsOf } from '../../domain/picture/words.ts'
import { endedStates, type Seal, sealStates } from '../../domain/seal.ts'
import { drawSealPicture } from '../../domain/seal-picture.ts'
import { type ListedPicture, listPictures, listSpecs } from '../../store/picture-words.ts'
import type { Painter } from './painter.ts'

/** Another seal that this one may be taken for. */
export interface AlikeSeal {
  readonly sealId: string
  /** The same form and words; or other words that look the same. */
  readonly reason: 'SAME_WORDS' | 'LOOKS_ALIKE'
  /** Characters that differ. */
  readonly characters: number
  /** Bits of 256 by which the looks differ; null where the words are enough. */
  readonly distance: number | null
}

/**
 * Looks at most this far apart are told. Of 115 names with one character replaced by its double 114 are within it, of 780 pairs of forty
 * different names 6, each of one character that differs too (test/seal-service/pictures/likeness.test.ts).
 */
export const alikeDistance = 16
/** Words at most this far apart are looked at. */
const mostCharacters = (words: string) => Math.max(2, Math.ceil([...words].length / 4))
const mostLookedAt = 40

/**
 * Seals in being whose picture is too like that of `seal`: by their words first, and of others' seals with nearly the same words by their
 * looks. Its predecessor looks as it does and is not told.
 */
export async function findAlike(shop: Workshop, painter: Painter, seal: Seal): Promise<AlikeSeal[]> {
  const own = wordsOf(seal.picture)
  const states = sealStates.filter((state) => !(endedStates as readonly string[]).includes(state))
  const except = [seal.id, ...(seal.replaces === null ? [] : [seal.replaces])]
  const listed = await listPictures(shop.database, { shape: seal.picture.shape, states, except })
  const near = listed
    .map((picture) => ({ ...picture, characters: editDistance(own, wordsOf(picture.spec)) }))
    .filter(({ characters }) => characters <= mostCharacters(own))
    .sort((one, other) => one.characters - other.characters)
  const same = near.filter(({ characters }) => characters === 0)
  const others = near.filter(
    ({ characters, departmentCode }) => characters > 0 && departmentCode !== seal.departmentCode,
  )
  const looked = await lookAt(shop, painter, seal, others.slice(0, mostLookedAt))
  return [
    ...same.map(({ sealId }): AlikeSeal => ({ sealId, reason: 'SAME_WORDS', characters: 0, distance: null })),
    ...looked.filter(({ distance }) => distance! <= alikeDistance),
  ]
}

async function lookAt(
  { database, outlines }: Workshop,
  painter: Painter,
  seal: Seal,
  others: readonly (ListedPicture & { readonly characters: number })[],
): Promise<AlikeSeal[]> {
  if (others.length === 0) return []
  const specs = new Map(
    (
      await listSpecs(
        database,
        others.map(({ sealId }) => sealId),
      )
    ).map(({ sealId, spec }) => [sealId, spec]),
  )
  const drawn = [seal.picture, ...others.map(({ sealId }) => specs.get(sealId)!)]
  const [own, ...looks] = await painter.looks(drawn.map((spec) => drawSealPicture(spec, outlines).svg))
  return others.map(
    ({ sealId, characters }, index): AlikeSeal => ({
      sealId,
      reason: 'LOOKS_ALIKE',
      characters,
      distance: lookDistance(own!, looks[index]!),
    }),
  )
}
