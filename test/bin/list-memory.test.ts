import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openListMemory } from '../../bin/list-memory.ts'
import type { UsedList } from '../../verifier/index.ts'

const folder = () => join(mkdtempSync(join(tmpdir(), 'zhengyin-memory-')), 'seen')
const seen = (sequence: number | null, key = 'own a', day = sequence ?? 1): UsedList => ({
  kind: 'trust-list',
  key,
  name: null,
  sequence,
  issuedAt: `2026-06-${String(day).padStart(2, '0')}T00:00:00.000Z`,
  validUntil: null,
  digest: '00',
})

describe('openListMemory', () => {
  it('keeps the highest of each list over a restart', async () => {
    const at = folder()
    const first = await openListMemory(at)
    await first.remember([seen(3), seen(null, 'own a https://x/1', 4)])
    await first.remember([seen(2), seen(null, 'own a https://x/1', 3)])
    const again = await openListMemory(at)
    expect(again.current()).toEqual(first.current())
    expect(again.current()).toMatchObject({
      'own a': { sequence: 3 },
      'own a https://x/1': { sequence: null, issuedAt: '2026-06-04T00:00:00.000Z' },
    })
    expect(readdirSync(at)).toHaveLength(2)
  })

  it('loses nothing that processes beside each other saw, in whatever order', async () => {
    const at = folder()
    const stores = await Promise.all(Array.from({ length: 8 }, () => openListMemory(at)))
    await Promise.all(
      stores.flatMap((store, i) => [
        store.remember([seen(i + 1), seen(20 - i, 'pinned b')]),
        store.remember([seen(i + 1, `own ${i}`)]),
      ]),
    )
    const memory = (await openListMemory(at)).current()
    expect(memory).toMatchObject({ 'own a': { sequence: 8 }, 'pinned b': { sequence: 20 } })
    expect(Object.keys(memory)).toHaveLength(10)
  })

  it('passes over what is damaged, half written or somebody else’s', async () => {
    const at = folder()
    await (await openListMemory(at)).remember([seen(5)])
    const [name] = readdirSync(at)
    writeFileSync(join(at, name!.replace(/-[0-9a-f]{16}/, '-0123456789abcdef')), '{"key":"own a","sequence":9')
    writeFileSync(join(at, `.${name}.1.new`), 'x')
    writeFileSync(join(at, 'note.txt'), 'x')
    expect((await openListMemory(at)).current()).toEqual({
      'own a': { sequence: 5, issuedAt: '2026-06-05T00:00:00.000Z' },
    })
  })

  it('takes a key that is the name of a member of every object for what it is', async () => {
    const at = folder()
    await (await openListMemory(at)).remember([seen(5, '__proto__'), seen(6, 'constructor')])
    expect(Object.keys((await openListMemory(at)).current()).sort()).toEqual(['__proto__', 'constructor'])
  })

  it('is told where a sighting cannot be read: nothing says that it was none', async () => {
    const at = folder()
    await (await openListMemory(at)).remember([seen(5)])
    mkdirSync(join(at, `${'0'.repeat(64)}-0123456789abcdef.json`))
    await expect(openListMemory(at)).rejects.toMatchObject({ code: 'EISDIR' })
    const file = join(at, 'file')
    writeFileSync(file, 'x')
    await expect(openListMemory(file)).rejects.toMatchObject({ code: 'ENOTDIR' })
  })

  it('tries again what could not be written, also where nothing new was seen since', async () => {
    const at = folder()
    const store = await openListMemory(at)
    writeFileSync(at, 'in the way')
    await expect(store.remember([seen(5)])).rejects.toMatchObject({ code: 'EEXIST' })
    expect(store.current()).toMatchObject({ 'own a': { sequence: 5 } })
    rmSync(at)
    await store.remember([])
    expect((await openListMemory(at)).current()).toMatchObject({ 'own a': { sequence: 5 } })
  })
})
