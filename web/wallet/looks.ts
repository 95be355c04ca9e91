import { todayInChina } from '../kit/clock.ts'

/** How a card looks: like the cover or the face of what it stands for. Colours have 4.5 : 1 against both ends of the ground. */
export interface Look {
  readonly from: string
  readonly to: string
  readonly ink: string
  /** The line pattern of the ground. */
  readonly line: string
  readonly motif: 'waves' | 'rosette' | 'grid' | 'rays'
}

const look = (from: string, to: string, ink: string, line: string, motif: Look['motif']): Look => ({
  ...{ from, to, ink, line, motif },
})

/** By the Chinese name of the type, which people know the cover by. */
const looks: Readonly<Record<string, Look>> = {
  营业执照: look('#fbf3dd', '#efdcab', '#53330c', '#c79a45', 'rosette'),
  结婚证: look('#7d1018', '#a3202b', '#f9e3b4', '#d9a75c', 'rosette'),
  不动产权证书: look('#5e1a1f', '#7f2a2a', '#f5dca6', '#c4914e', 'grid'),
  不动产登记证明: look('#e2efe6', '#bcd9c7', '#153d29', '#6fa386', 'grid'),
  食品经营许可证: look('#e9f5ec', '#c3e2cb', '#12402a', '#6bab80', 'waves'),
  建筑工程施工许可证: look('#e8edf4', '#c3d0e2', '#14305a', '#7c93b6', 'grid'),
  道路运输经营许可证: look('#e3f1f8', '#b8d8ea', '#0e3a54', '#6c9fbd', 'rays'),
  社会保障卡: look('#e4f2fb', '#a9d0ee', '#0b3760', '#5f9ccb', 'waves'),
  机动车驾驶证: look('#17211d', '#31443b', '#ecdfb5', '#8d8255', 'grid'),
  出生医学证明: look('#fdeef1', '#f6cfd8', '#6a1c33', '#d48b9e', 'rosette'),
  居住证: look('#e6f6f3', '#b5ded6', '#0d433c', '#67aca0', 'waves'),
  老年优待证: look('#fdeedd', '#f6cfa3', '#62300a', '#cf924c', 'rays'),
  就业创业证: look('#6d1420', '#932936', '#f8e0b8', '#c98f5c', 'waves'),
  教师资格证: look('#182c53', '#2c4a80', '#f0e2b9', '#8593b4', 'rosette'),
  医疗机构执业许可证: look('#e8f4f6', '#bfdee3', '#103f49', '#6ea4ae', 'waves'),
  民办非企业单位登记证书: look('#f4eff9', '#d9cbe9', '#382158', '#9c83bd', 'rosette'),
}

/** For types that came later: a quiet colour of their own, the same each time. */
const others: readonly Look[] = [
  look('#eef1f4', '#cfd8e1', '#24313f', '#8696a7', 'waves'),
  look('#f3eee5', '#dfd2bd', '#43331c', '#a08a68', 'grid'),
  look('#eaf2ea', '#cbddcb', '#203d22', '#83a184', 'rays'),
]

export function lookOf({ typeName, typeCode }: { typeName: { zh: string }; typeCode: string }): Look {
  const known = looks[typeName.zh]
  if (known) return known
  const sum = [...typeCode].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0)
  return others[sum % others.length] as Look
}

const SOON_DAYS = 60

/** Whole days until the last day of validity; negative once it is over. */
export function daysLeft(validUntil: string, at: Date): number {
  return Math.round((Date.parse(validUntil) - Date.parse(todayInChina(at))) / 86_400_000)
}

/** Days left of a licence in force that ends soon; undefined for all others. */
export function endsSoon(card: { status: string; validUntil: string | null }, at: Date): number | undefined {
  if (card.status !== 'in force' || card.validUntil === null) return undefined
  const left = daysLeft(card.validUntil, at)
  return left <= SOON_DAYS ? left : undefined
}

/** Whether a card is of today: what was replaced or has ended is kept apart. */
export const isCurrent = ({ status }: { status: string }): boolean =>
  status === 'in force' || status === 'not yet in force' || status === 'suspended'
