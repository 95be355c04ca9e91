import { beforeEach, describe, expect, it } from 'vitest'
import { language } from '../../web/kit/language.ts'
import { fieldsText, matterText, whatText } from '../../web/wallet/words.ts'

const labels = [
  { zh: '名称', en: 'Name' },
  { zh: '住所', en: 'Address' },
]
beforeEach(() => {
  language.value = 'zh'
})

describe('who looked, in words', () => {
  it('shows the fields that were fetched by their labels, and none where nothing was given', () => {
    const fetched = { what: 'shared-data', isGranted: true, fieldLabels: labels }
    expect(fieldsText(fetched)).toBe('看到的内容：名称、住所')
    expect(fieldsText({ ...fetched, what: 'shared-data-check' })).toBe('核对的内容：名称、住所')
    expect([
      fieldsText({ ...fetched, isGranted: false }),
      fieldsText({ ...fetched, what: 'shared-nothing' }),
      fieldsText({ ...fetched, fieldLabels: [] }),
    ]).toEqual(['', '', ''])
    language.value = 'en'
    expect(fieldsText(fetched)).toBe('What they saw: Name, Address')
  })

  it('calls a matter by its name beside its code, and by its code alone where no name is known', () => {
    expect(matterText({ matter: '000131002000', matterName: '社会组织资助审核' })).toBe(
      '事项：社会组织资助审核（000131002000）',
    )
    expect(matterText({ matter: '000131002000', matterName: null })).toBe('事项：000131002000')
    expect(matterText({ matter: null, matterName: null })).toBe('')
  })

  it('tells a search, data, a copy and a refused copy apart', () => {
    const whats = ['shared-search', 'shared-data', 'shared-file', 'shared-nothing', 'copy', 'copy-refused', 'copy-read']
    const said = whats.map((what) => whatText(what).zh)
    expect(new Set(said).size).toBe(whats.length)
    expect(said.filter((text) => whats.includes(text))).toEqual([])
  })
})
