import { describe, expect, it } from 'vitest'
import { sealActions, sealKinds, sealNotes, sealStateNames } from '../../seal-service/domain/seal.ts'
import { endingReasons as domainReasons } from '../../seal-service/domain/seal-ending.ts'
import { validatePictureSpec } from '../../seal-service/domain/seal-picture.ts'
import { faultText } from '../../web/kit/fault-words.ts'
import { language } from '../../web/kit/language.ts'
import { askedFor, atFields, toBody, typeFaults } from '../../web/seals/act-form.ts'
import { actionText, endingReasons, kindCodes, kindText, stateNames, stateText } from '../../web/seals/life-words.ts'
import { emptyPicture, fromSpec, toSpec } from '../../web/seals/picture-form.ts'
import { parseRoute } from '../../web/seals/route.ts'
import type { SealLife } from '../../web/seals/seals.ts'

const seal = {
  state: 'applied',
  application: { digest: 'a1', form: { certificate: 'own' } },
  drawnPicture: { digest: 'b2' },
} as unknown as SealLife
const nothing = {
  ...{
    reason: '',
    keeperId: '',
    reasonCode: '',
    legalBasis: '',
    effectiveAt: '',
    lostAt: '',
    certificates: '',
    typeCodes: '',
  },
}

describe('the words of the seal desk', () => {
  it('have every state, step, note, kind and reason of the service, the Chinese of states and kinds as the service has them', () => {
    expect(stateNames).toEqual(Object.keys(sealStateNames))
    for (const [state, zh] of Object.entries(sealStateNames)) expect(stateText(state).zh).toBe(zh)
    for (const action of [...Object.keys(sealActions), ...sealNotes]) expect(actionText(action).zh).not.toBe(action)
    expect(new Set(kindCodes)).toEqual(new Set(Object.keys(sealKinds)))
    for (const [kind, text] of Object.entries(sealKinds)) expect(kindText(kind).zh).toBe(text.zh)
    for (const [action, reasons] of Object.entries(domainReasons)) {
      const said = Object.entries(endingReasons[action]!).map(([code, { zh }]) => [code, zh])
      expect(Object.fromEntries(said)).toEqual(reasons)
    }
  })

  it('show a word of a newer server as it came', () => {
    expect(stateText('melted')).toEqual({ zh: 'melted', en: 'melted' })
  })
})

describe('faults of a step', () => {
  it('name the type codes that are none, and those on which the seal stands', () => {
    const owner = { typeCodes: ['1'.repeat(21)] }
    const said = (typed: string) => typeFaults(typed, owner).map(({ detail }) => (detail as { zh: string }).zh)
    expect(said(`${'2'.repeat(21)}\n123`)).toEqual(['证照类型代码是 21 位大写字母和数字，这些不是：123'])
    expect(said('1'.repeat(21))).toEqual(['印章已经适用这些证照。'])
    expect(said(`${'1'.repeat(21)}, ${'2'.repeat(21)},`)).toEqual([])
  })

  it('of an entry are told at its field', () =>
    expect(atFields([{ pointer: '/typeCodes/0', code: 'INVALID_FORMAT' }])).toEqual([
      { pointer: '/typeCodes', code: 'INVALID_FORMAT' },
    ]))
})

describe('toBody', () => {
  it('names what was read: the application approved, the picture found right', () => {
    expect(toBody('approve', seal, nothing)).toEqual({ action: 'approve', applicationDigest: 'a1' })
    expect(toBody('approve-picture', seal, nothing)).toEqual({ action: 'approve-picture', pictureDigest: 'b2' })
  })

  it('is nothing while something that is needed is empty, blanks among it', () => {
    expect(toBody('suspend', seal, { ...nothing, reason: '  ' })).toBeUndefined()
    expect(toBody('issue', seal, nothing)).toBeUndefined()
    expect(toBody('suspend', seal, { ...nothing, reason: ' 检查 ' })).toEqual({ action: 'suspend', reason: '检查' })
  })

  it('takes times as Beijing time and leaves them out where they are empty', () => {
    const filled = { ...nothing, reasonCode: 'merged', legalBasis: '文号', reason: '合并' }
    expect(toBody('cancel', seal, filled)).toEqual({
      ...{ action: 'cancel', reasonCode: 'merged', legalBasis: '文号', reason: '合并' },
    })
    expect(toBody('cancel', seal, { ...filled, effectiveAt: '2027-01-01T00:00' })).toMatchObject({
      effectiveAt: '2026-12-31T16:00:00.000Z',
    })
  })

  it('asks for further types by their codes, and gives those that were asked for last', () => {
    const code = '11330199MB3301271B901'
    const filled = { ...nothing, typeCodes: ` ${code}\n${code.replace('901', '902')} `, reason: '新类型' }
    expect(toBody('order-types', seal, nothing)).toBeUndefined()
    expect(toBody('order-types', seal, filled)).toEqual({
      ...{ action: 'order-types', reason: '新类型' },
      typeCodes: [code, code.replace('901', '902')],
    })
    const event = { state: 'active', at: '', effectiveAt: null, callerId: '', callerName: null, reason: null }
    const asked = (typeCodes: readonly string[]) => ({ ...event, action: 'order-types', detail: { typeCodes } })
    const ordered = {
      ...seal,
      timeline: [asked(['x']), { ...event, action: 'refuse-types', detail: null }, asked([code])],
    }
    expect(toBody('change-types', ordered, nothing)).toEqual({ action: 'change-types', typeCodes: [code] })
  })

  it('asks for certificates only where an authority outside certifies', () => {
    expect(askedFor('make', seal)).toEqual([])
    const outside = { ...seal, application: { ...seal.application!, form: { certificate: 'outside' } } } as SealLife
    expect(askedFor('make', outside)).toEqual(['certificates'])
  })
})

describe('toSpec', () => {
  it('makes a picture of each shape that the service finds whole', () => {
    const values = { ...emptyPicture('云汀市民政局'), taxNumber: '91330199ma7e4k2q38', text: '张三' }
    for (const shape of ['round', 'oval', 'invoice', 'square'] as const)
      expect([shape, validatePictureSpec(toSpec({ ...values, shape }))]).toEqual([shape, []])
  })

  it('comes back from a picture on record as it was', () => {
    const values = { ...emptyPicture('云汀市民政局'), lowerText: '财务专用章', diameterMm: 38 }
    expect(toSpec(fromSpec(toSpec(values)))).toEqual(toSpec(values))
    const invoice = { ...values, shape: 'invoice' as const, taxNumber: '91330199MA7E4K2Q38', serial: '2' }
    expect(toSpec(fromSpec(toSpec(invoice)))).toEqual(toSpec(invoice))
  })
})

describe('faultText', () => {
  it('says each fault in words, names what the words leave open, and repeats a server that knows more', () => {
    language.value = 'zh'
    expect(faultText({ pointer: '/reason', code: 'TOO_SMALL', detail: 'Too small: expected string' })).toBe('请填写。')
    expect(faultText({ pointer: '/picture/ringText', code: 'CHARACTER_MISSING_IN_TYPE', detail: '𪚥' })).toContain('𪚥')
    expect(faultText({ pointer: '/x', code: 'OF_TOMORROW', detail: 'as it says' })).toBe('as it says')
  })
})

describe('parseRoute', () => {
  it('leads to the place that the address names, and to the tasks from anywhere else', () => {
    expect(parseRoute('#/seals/33019900000001')).toEqual({ at: 'seal', sealId: '33019900000001' })
    expect(parseRoute('#/seals/33019900000001/amend')).toEqual({ at: 'amend', sealId: '33019900000001' })
    expect(parseRoute('#/ledger')).toEqual({ at: 'ledger' })
    for (const hash of ['#/nowhere', '#/seals/%', '#/%E4/%']) expect(parseRoute(hash)).toEqual({ at: 'tasks' })
    expect(parseRoute('')).toEqual({ at: 'tasks' })
  })
})
