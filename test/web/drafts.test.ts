import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Definition } from '../../web/issuer/definition.ts'
import { draftName, dropDraft, readDraft, writeDraft } from '../../web/issuer/drafts.ts'
import { createForm } from '../../web/issuer/use-form.ts'

const definition: Definition = {
  typeCode: 'T',
  name: { zh: '证', en: 'Permit' },
  groups: [],
  fields: [
    { name: 'holder', label: { zh: '名称', en: 'Name' }, type: 'text', required: true },
    { name: 'photo', label: { zh: '照片', en: 'Photo' }, type: 'picture', required: true },
  ],
  example: {},
}

/** A tab's storage that holds so many characters; Node has none of its own without a flag. */
function storageOf(capacity: number): Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> {
  const kept = new Map<string, string>()
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem(key, value) {
      if (value.length > capacity) throw new DOMException('full', 'QuotaExceededError')
      kept.set(key, value)
    },
    removeItem: (key) => void kept.delete(key),
  }
}

const draft = { values: { fields: { holder: '青梧', photo: 'A'.repeat(500) }, open: {} }, key: 'k1' }
const name = draftName('D1', 'T')

describe('the draft of a form', () => {
  beforeEach(() => vi.stubGlobal('sessionStorage', storageOf(10_000)))
  afterEach(() => void vi.unstubAllGlobals())

  it('is kept as the page is left, and not again once it has become a licence', async () => {
    const form = createForm(definition, name)
    form.set('holder', '青梧')
    await nextTick()
    form.flush()
    expect(readDraft(name)?.values.fields['holder']).toBe('青梧')
    form.set('holder', '青梧二')
    await nextTick()
    form.forget()
    form.flush()
    expect(readDraft(name)).toBeUndefined()
  })
})

describe('writeDraft and readDraft', () => {
  beforeEach(() => vi.stubGlobal('sessionStorage', storageOf(10_000)))
  afterEach(() => void vi.unstubAllGlobals())

  it('keep values and key together, so that a retry after reloading cannot make a second licence', () => {
    writeDraft(name, definition, draft)
    expect(readDraft(name)).toEqual(draft)
  })

  it('keep departments and types apart', () => {
    writeDraft(name, definition, draft)
    expect(readDraft(draftName('D2', 'T'))).toBeUndefined()
    expect(readDraft(draftName('D1', 'U'))).toBeUndefined()
  })

  it('leave pictures out where storage is small, under another key since the data differ', () => {
    vi.stubGlobal('sessionStorage', storageOf(300))
    writeDraft(name, definition, draft)
    const kept = readDraft(name)
    expect(kept?.values.fields).toEqual({ holder: '青梧', photo: '' })
    expect(kept?.key).not.toBe('k1')
  })

  it('keep nothing, and no older draft, where storage is full', () => {
    vi.stubGlobal('sessionStorage', storageOf(10))
    writeDraft(name, definition, draft)
    expect(readDraft(name)).toBeUndefined()
  })

  it('read a damaged draft as none and forget a dropped one', () => {
    sessionStorage.setItem(`zhengyin-draft-${name}`, '{"values":')
    expect(readDraft(name)).toBeUndefined()
    writeDraft(name, definition, draft)
    dropDraft(name)
    expect(readDraft(name)).toBeUndefined()
  })
})
