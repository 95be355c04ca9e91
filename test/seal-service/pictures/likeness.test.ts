// Why looks 16 bits apart are told: forty names against one another, and against names that differ in one character.
import { beforeAll, describe, expect, it } from 'vitest'
import { hashLook, lookDistance, lookedAtSide } from '../../../seal-service/domain/picture/likeness.ts'
import type { OutlineSource } from '../../../seal-service/domain/picture/outline.ts'
import { inkShapesOf, rasterise } from '../../../seal-service/domain/picture/raster.ts'
import { editDistance, wordsOf } from '../../../seal-service/domain/picture/words.ts'
import { layOutSeal } from '../../../seal-service/domain/seal-picture.ts'
import type { RoundSealSpec } from '../../../seal-service/domain/seal-picture-spec.ts'
import { alikeDistance } from '../../../seal-service/operations/pictures/find-alike.ts'
import { openSealTypes } from './seal-types.ts'

const names = [
  ...[
    '云汀市人民政府',
    '临江市人民政府',
    '清溪镇人民政府',
    '东平县人民政府',
    '云汀市公安局',
    '云汀市司法局',
    '云汀市财政局',
  ],
  ...['云汀市教育局', '云汀市民族宗教事务局', '云汀市科学技术局', '云汀市工业和信息化局', '云汀市生态环境局'],
  ...[
    '云汀市农业农村局',
    '云汀市水利局',
    '云汀市商务局',
    '云汀市文化和旅游局',
    '云汀市卫生健康委员会',
    '云汀市应急管理局',
  ],
  ...['云汀市审计局', '云汀市统计局', '云汀市医疗保障局', '云汀市体育局', '云汀市大数据管理局', '云汀市税务局'],
  ...['云汀市气象局', '云汀市邮政管理局', '云汀市烟草专卖局', '云汀市消防救援支队', '云汀市不动产登记中心'],
  ...['云汀市公共资源交易中心', '云汀市住房公积金管理中心', '云汀市第一人民医院', '云汀市中医医院', '云汀大学附属中学'],
  ...[
    '云汀市图书馆',
    '云汀市博物馆',
    '云汀海关',
    '云汀市仲裁委员会',
    '云汀市清源环保有限公司',
    '云汀远洋国际货运有限公司',
  ],
]
/** Characters that pass for one another at a glance. */
const doubles: Readonly<Record<string, string>> = {
  ...{ 市: '巿', 己: '已', 土: '士', 未: '末', 汀: '仃', 清: '淸', 理: '埋', 局: '扃', 人: '入', 云: '去' },
}

let outlines: OutlineSource
const cache = new Map<string, Uint8Array>()
beforeAll(async () => {
  outlines = await openSealTypes()
})

function lookOf(ringText: string, more: Partial<RoundSealSpec> = {}): Uint8Array {
  const key = JSON.stringify([ringText, more])
  const known = cache.get(key)
  if (known !== undefined) return known
  const spec: RoundSealSpec = {
    ...{ shape: 'round', diameterMm: 45, ringText, ringTextEn: null, centre: 'star', lowerText: null, code: null },
    ...more,
  }
  const drawing = layOutSeal(spec, outlines)
  const mapping = {
    scale: lookedAtSide / drawing.widthMm,
    offsetX: lookedAtSide / 2,
    offsetY: lookedAtSide / 2,
    isUpwards: true,
  }
  const look = hashLook(rasterise(inkShapesOf(drawing), lookedAtSide, lookedAtSide, mapping))
  cache.set(key, look)
  return look
}

describe('the looks of seals', () => {
  it('are the same for the same seal in another size, and nearly so with another rim', () => {
    expect(lookDistance(lookOf('云汀市民政局'), lookOf('云汀市民政局'))).toBe(0)
    expect(lookDistance(lookOf('云汀市民政局'), lookOf('云汀市民政局', { diameterMm: 42 }))).toBeLessThanOrEqual(6)
    expect(lookDistance(lookOf('云汀市民政局'), lookOf('云汀市民政局', { edgeMm: 1 }))).toBeLessThanOrEqual(
      alikeDistance,
    )
  })

  it('tell every pair of forty different names apart, and hold one with a double character for the same', () => {
    const apart: number[] = []
    for (const [i, one] of names.entries()) {
      for (const other of names.slice(0, i)) apart.push(lookDistance(lookOf(one), lookOf(other)))
    }
    const near = names.flatMap((name) =>
      [...name].flatMap((character, index) => {
        const double = doubles[character]
        if (double === undefined || index > 3) return []
        const changed = [...name].with(index, double).join('')
        return [lookDistance(lookOf(name), lookOf(changed))]
      }),
    )
    const wrong = apart.filter((distance) => distance <= alikeDistance).length
    const caught = near.filter((distance) => distance <= alikeDistance).length
    process.stdout.write(
      `looks: ${names.length} names, ${apart.length} pairs, nearest ${Math.min(...apart)}, ${wrong} taken for alike; ` +
        `${near.length} doubles, furthest ${Math.max(...near)}, ${caught} caught\n`,
    )
    expect(names).toHaveLength(40)
    expect(near.length).toBeGreaterThan(60)
    expect(wrong / apart.length).toBeLessThan(0.01)
    expect(caught / near.length).toBeGreaterThan(0.9)
  })
})

describe('the words of seals', () => {
  const spec = {
    shape: 'round',
    diameterMm: 45,
    ringText: '云汀市民政局',
    ringTextEn: null,
    centre: 'star',
    lowerText: null,
    code: null,
  } as const

  it('are the same whatever width, brackets, second language, size or number', () => {
    const one = wordsOf({ ...spec, ringText: '云汀（集团）ＡＢ公司', ringTextEn: 'Yunting', code: '3301990012345' })
    expect(one).toBe(wordsOf({ ...spec, ringText: '云汀(集团)ab公司', diameterMm: 42 }))
    expect(one).not.toBe(wordsOf({ ...spec, ringText: '云汀集团ab公司', lowerText: '合同专用章' }))
  })

  it.each([
    ['云汀市民政局', '云汀市民政局', 0],
    ['云汀市民政局', '云汀市财政局', 1],
    ['云汀市民政局', '云汀民政局', 1],
    ['', '局', 1],
    ['𠀀汀', '𠀁汀', 1],
    ['甲乙', '乙甲', 2],
  ])('of %s and %s are %d characters apart', (one, other, distance) => {
    expect(editDistance(one, other)).toBe(distance)
  })
})
