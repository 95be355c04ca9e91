import { describe, expect, it } from 'vitest'
import { joinByDepartment, type SealHistory } from '../../../seal-service/domain/public-keys.ts'

const day = (number: number) => new Date(Date.UTC(2026, 0, number))
const certificate = Uint8Array.of(1)
const statesOf = (inUseFrom: Date, states: SealHistory['states']) =>
  joinByDepartment([{ departmentCode: 'a', certificate, inUseFrom, states }], [], day(30))[0]!.services[0]!.states

describe('joinByDepartment', () => {
  const states = [
    { state: 'active', since: day(1) },
    { state: 'suspended', since: day(5) },
    { state: 'active', since: day(9) },
    { state: 'revoked', since: day(20) },
  ] as const

  it('tells all that a seal was in of its first certificate', () => {
    expect(statesOf(day(1), states)).toEqual([
      { state: 'granted', since: day(1) },
      { state: 'withdrawn', since: day(5) },
      { state: 'granted', since: day(9) },
      { state: 'withdrawn', since: day(20) },
    ])
  })

  it('begins a later certificate with what the seal was in when it came', () => {
    expect(statesOf(day(12), states)).toEqual([
      { state: 'granted', since: day(12) },
      { state: 'withdrawn', since: day(20) },
    ])
    expect(statesOf(day(6), states)[0]).toEqual({ state: 'withdrawn', since: day(6) })
  })

  it('tells a certificate once that two generations of a seal share', () => {
    const seal = { departmentCode: 'a', certificate, inUseFrom: new Date(0), states }
    const [told] = joinByDepartment([seal, { ...seal, certificate: Uint8Array.of(1) }], [], day(30))
    expect(told!.services).toHaveLength(1)
  })

  it('leaves nothing out of a certificate that was there before the seal', () => {
    expect(statesOf(new Date(0), states)).toHaveLength(4)
  })

  it('tells nothing of what a seal waited for', () => {
    expect(
      statesOf(day(3), [
        { state: 'waiting', since: day(1) },
        { state: 'active', since: day(3) },
      ]),
    ).toEqual([{ state: 'granted', since: day(3) }])
  })
})
