import { deflateSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  type CompiledTemplate,
  compileTemplate,
  exampleInput,
  type FontSet,
  listTemplates,
  openFonts,
  validateLicenceData,
} from '../../templates/index.ts'
import { encodePng } from '../../templates/pictures/png.ts'
import { today } from './made-up-licence.ts'

let fonts: FontSet
const templates = new Map<string, CompiledTemplate>()
beforeAll(async () => {
  fonts = await openFonts()
  for (const definition of listTemplates()) templates.set(definition.name.zh, compileTemplate(definition, fonts))
})

const template = (name: string) => templates.get(name)!

/** Pointer and code of every fault after these changes to the made-up holder's data; a change to undefined leaves the field out. */
function faultsOf(name: string, changes: Record<string, unknown>): string[] {
  const compiled = template(name)
  const result = validateLicenceData(compiled, { ...exampleInput(compiled.definition), ...changes }, { today })
  return result.ok ? [] : result.faults.map(({ pointer, code }) => `${pointer} ${code}`)
}

function acceptedValue(name: string, changes: Record<string, unknown> = {}) {
  const compiled = template(name)
  const result = validateLicenceData(compiled, { ...exampleInput(compiled.definition), ...changes }, { today })
  if (!result.ok) throw new Error(JSON.stringify(result.faults))
  return result.value
}

describe('validateLicenceData', () => {
  it('accepts every made-up holder', () => {
    for (const name of templates.keys()) expect(faultsOf(name, {})).toEqual([])
  })

  it('reports all faults at once, each with its place and words in both languages', () => {
    const compiled = template('营业执照')
    const input = {
      ...exampleInput(compiled.definition),
      creditCode: '91330199MA7E4K2Q43',
      name: ' ',
      businessType: 'guild',
      registeredCapital: '-5',
      establishedOn: '2019-02-29',
      scope: 7,
      colour: 'red',
      'a/b~c': 1,
    }
    const result = validateLicenceData(compiled, input, { today })
    if (result.ok) throw new Error('accepted')
    expect(result.faults.map(({ pointer, code }) => `${pointer} ${code}`).sort()).toEqual([
      '/a~1b~0c FIELD_UNKNOWN',
      '/businessType CHOICE_UNKNOWN',
      '/colour FIELD_UNKNOWN',
      '/creditCode CREDIT_CODE_INVALID',
      '/establishedOn DATE_INVALID',
      '/name FIELD_REQUIRED',
      '/registeredCapital NUMBER_INVALID',
      '/scope FIELD_OF_WRONG_KIND',
    ])
    for (const { detail } of result.faults) {
      expect(detail.zh).toMatch(/\p{Script=Han}/u)
      expect(detail.en).toMatch(/[A-Za-z]/)
    }
  })

  it.each([[undefined], [null], [[]], ['{}'], [7]])('refuses %j, which is no object of fields', (input) => {
    expect(validateLicenceData(template('营业执照'), input, { today })).toMatchObject({
      ok: false,
      faults: [{ pointer: '', code: 'INPUT_NOT_AN_OBJECT' }],
    })
  })

  it('is not led astray by names every object has', () => {
    const input = JSON.parse('{"__proto__":{"name":"x"},"constructor":1,"toString":2}') as object
    const result = validateLicenceData(template('营业执照'), input, { today })
    expect(result.ok ? [] : result.faults.map(({ pointer, code }) => `${pointer} ${code}`)).toEqual(
      expect.arrayContaining(['/__proto__ FIELD_UNKNOWN', '/constructor FIELD_UNKNOWN', '/name FIELD_REQUIRED']),
    )
  })

  it('cuts names that nobody gave a field, wherever it tells them back', () => {
    const long = '名'.repeat(100_000)
    const items = [{ category: '热食类', item: '热食', [long]: 1 }]
    for (const input of [{ [long]: 1 }, { items }]) {
      const result = validateLicenceData(template('食品经营许可证'), input, { today })
      const unknown = result.ok ? [] : result.faults.filter(({ code }) => code === 'FIELD_UNKNOWN')
      expect(unknown.map(({ pointer }) => pointer.replace('/items/0', ''))).toEqual([`/${'名'.repeat(100)}…`])
      expect(JSON.stringify(unknown).length).toBeLessThan(500)
    }
  })

  it('refuses an identity number whose birth date does not exist or whose check digit is wrong', () => {
    expect(faultsOf('结婚证', { firstIdNumber: '330199199502303717' })).toEqual([
      '/firstIdNumber IDENTITY_NUMBER_INVALID',
    ])
    expect(faultsOf('结婚证', { firstIdNumber: '330199199506143718' })).toEqual([
      '/firstIdNumber IDENTITY_NUMBER_INVALID',
    ])
  })

  it('refuses dates in the wrong order and those that should have been', () => {
    expect(faultsOf('营业执照', { termUntil: '2018-01-01' })).toEqual(['/termUntil DATE_ORDER'])
    expect(faultsOf('营业执照', { termUntil: '2026-11-20' })).toEqual(['/termUntil DATE_ORDER'])
    expect(faultsOf('营业执照', { establishedOn: '2026-11-22' })).toEqual(['/establishedOn DATE_IN_FUTURE'])
    expect(faultsOf('建筑工程施工许可证', { endsOn: '2026-11-30' })).toEqual(['/endsOn DATE_ORDER'])
  })

  it('refuses a beginning from which the term would run beyond the year 9999', () => {
    const shipped = template('食品经营许可证').definition
    const begin = { name: 'begin', label: { zh: '有效期自', en: 'From' }, type: 'date', required: true } as const
    const definition = {
      ...shipped,
      fields: [...shipped.fields, { ...begin, disclosure: 'public', role: 'valid-from' }],
    }
    const compiled = { ...template('食品经营许可证'), definition } as CompiledTemplate
    const faults = (day: string) => {
      const result = validateLicenceData(compiled, { ...exampleInput(shipped), begin: day }, { today })
      return result.ok ? [] : result.faults.map(({ pointer, code }) => `${pointer} ${code}`)
    }
    expect(faults('9996-01-01')).toEqual(['/begin DATE_OUT_OF_RANGE'])
    expect(faults('1996-01-01')).toEqual([])
  })

  it('names every character no face has a glyph for', () => {
    const compiled = template('营业执照')
    const input = { ...exampleInput(compiled.definition), name: '云汀\u{30000}和\u{30001}店' }
    const result = validateLicenceData(compiled, input, { today })
    expect(result.ok ? '' : result.faults[0]?.detail.zh).toContain('\u{30000}（U+30000）、\u{30001}（U+30001）')
  })

  it('takes rare characters of plane 2', () => {
    expect(acceptedValue('营业执照', { legalRepresentative: '𠮷𪚥' }).fields['legalRepresentative']).toBe('𠮷𪚥')
  })

  it.each([
    ['a control character', 'a\u0007b'],
    ['a mark that turns the direction of writing', 'abc\u202egnp'],
    ['an invisible joiner', '张\u200b三'],
    ['half of a surrogate pair', '张\ud842三'],
    ['a private character', '张\ue000三'],
    ['a line break in a one-line text', '张\n三'],
  ])('refuses %s', (_, text) => {
    expect(faultsOf('营业执照', { legalRepresentative: text })).toEqual(['/legalRepresentative CHARACTER_NOT_ALLOWED'])
  })

  it('tidies ends, odd spaces, accents and full-width codes, and changes nothing else', () => {
    const { fields } = acceptedValue('营业执照', {
      name: '\u3000 云汀 Café\u0301e\u00a0店 \t',
      creditCode: '９１330199ma7e4k2q42 ',
      registeredCapital: '1,200.50',
      scope: '一\r\n\r\n二',
    })
    expect(fields).toMatchObject({
      name: '云汀 Café\u0301e 店'.normalize('NFC'),
      creditCode: '91330199MA7E4K2Q42',
      registeredCapital: '1200.50',
      scope: '一\n二',
    })
  })

  it('refuses a text that is too long, and one that cannot be made to fit, naming the field', () => {
    expect(faultsOf('营业执照', { scope: '字'.repeat(4001) })).toEqual(['/scope TEXT_TOO_LONG'])
    expect(faultsOf('营业执照', { scope: '字'.repeat(10_000_000) })).toEqual(['/scope TEXT_TOO_LONG'])
    expect(faultsOf('道路运输经营许可证', { scope: '字\n'.repeat(20) })).toEqual(['/scope TEXT_DOES_NOT_FIT'])
  })

  it('checks every cell of a table at its own place', () => {
    const items = [{ category: '热食类' }, 'x', { category: '冷食类', item: '冷食', price: 1 }]
    expect(faultsOf('食品经营许可证', { items })).toEqual([
      '/items/0/item FIELD_REQUIRED',
      '/items/1 FIELD_OF_WRONG_KIND',
      '/items/2/price FIELD_UNKNOWN',
    ])
    expect(faultsOf('食品经营许可证', { items: [] })).toEqual(['/items TOO_FEW_ROWS'])
    expect(faultsOf('食品经营许可证', { items: Array(61).fill({ category: '一', item: '二' }) })).toEqual([
      '/items TOO_MANY_ROWS',
    ])
    expect(faultsOf('食品经营许可证', { items: 'x' })).toEqual(['/items FIELD_OF_WRONG_KIND'])
  })

  it('finds the holders with the types of their codes', () => {
    expect(acceptedValue('营业执照').holders).toEqual([
      { name: '云汀市青梧数字科技有限公司', code: '91330199MA7E4K2Q42', codeType: '001' },
    ])
    expect(acceptedValue('结婚证').holders).toEqual([
      { name: '程亦舟', code: '330199199506143717', codeType: '111' },
      { name: '苏晚晴', code: '330199199608224489', codeType: '111' },
    ])
    expect(acceptedValue('不动产权证书', { coOwner: '', coOwnerIdNumber: '' }).holders).toHaveLength(1)
  })

  it('derives the days of validity from roles, from the rule, or has no end', () => {
    const days = (name: string, on: string, changes = {}) => {
      const compiled = template(name)
      const result = validateLicenceData(compiled, { ...exampleInput(compiled.definition), ...changes }, { today: on })
      return result.ok ? [result.value.issuedOn, result.value.validFrom, result.value.validUntil] : []
    }
    expect(days('食品经营许可证', '2026-11-21')).toEqual(['2026-11-21', '2026-11-21', '2031-11-20'])
    expect(days('食品经营许可证', '2028-02-29')).toEqual(['2028-02-29', '2028-02-29', '2033-02-28'])
    expect(days('营业执照', today)).toEqual([today, today, null])
    expect(days('营业执照', today, { termUntil: '2039-03-17' })).toEqual([today, today, '2039-03-17'])
    expect(days('道路运输经营许可证', today)).toEqual([today, '2026-11-01', '2030-10-31'])
  })

  it('keeps a picture as its digest and gives its bytes beside', () => {
    const { fields, pictures } = acceptedValue('结婚证')
    const [digest] = [...pictures.keys()]
    expect(fields['photo']).toEqual({ digest, mediaType: 'image/png', width: 424, height: 280 })
  })

  it('refuses a 50 MB photo before decoding it, and what is no picture', () => {
    expect(faultsOf('结婚证', { photo: 'A'.repeat(70_000_000) })).toEqual(['/photo PICTURE_TOO_LARGE'])
    expect(faultsOf('结婚证', { photo: Buffer.from('%PDF-1.7').toString('base64') })).toEqual([
      '/photo PICTURE_NOT_SUPPORTED',
    ])
    expect(faultsOf('结婚证', { photo: 'not base64!' })).toEqual(['/photo PICTURE_NOT_SUPPORTED'])
    expect(faultsOf('结婚证', { photo: 5 })).toEqual(['/photo FIELD_OF_WRONG_KIND'])
    const small = encodePng(100, 100, new Uint8Array(30_000))
    expect(faultsOf('结婚证', { photo: Buffer.from(small).toString('base64') })).toEqual(['/photo PICTURE_TOO_SMALL'])
  })

  it('takes a picture as a data URL too', () => {
    const photo = `data:image/png;base64,${String(exampleInput(template('结婚证').definition)['photo'])}`
    expect(acceptedValue('结婚证', { photo }).pictures.size).toBe(1)
  })

  it('does not inflate a small file into a huge picture', () => {
    const bomb = deflateSync(new Uint8Array(20_000_000))
    const png = Buffer.from(encodePng(300, 300, new Uint8Array(270_000)))
    const at = png.indexOf('IDAT')
    const chunk = Buffer.alloc(8)
    chunk.writeUInt32BE(bomb.length)
    chunk.write('IDAT', 4, 'latin1')
    const spoiled = Buffer.concat([png.subarray(0, at - 4), chunk, bomb, png.subarray(-16)])
    expect(faultsOf('结婚证', { photo: spoiled.toString('base64') })).toEqual(['/photo PICTURE_DAMAGED'])
  })
})
