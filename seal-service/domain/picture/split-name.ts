/** Characters after which a name is read on without a pause: names of places and of kinds of bodies end here. */
const endings = new Set(
  [...'省市县区州盟旗镇乡村会厅局司处院校所部厂团社）'].map((character) => character.codePointAt(0)!),
)
/** The first line is rather too long than too short. */
const furthest = { back: 1, on: 3 }

/**
 * A name in two lines, the first with about that share of it; broken where a word of it ends, if one does near the best place.
 */
export function splitName(name: readonly number[], share: number): readonly [readonly number[], readonly number[]] {
  const best = Math.round(name.length * share)
  for (let away = 0; away <= furthest.on; away++) {
    for (const at of away <= furthest.back ? [best + away, best - away] : [best + away]) {
      if (at < name.length && endings.has(name[at - 1]!)) return [name.slice(0, at), name.slice(at)]
    }
  }
  return [name.slice(0, best), name.slice(best)]
}
