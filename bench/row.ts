// One line of the bench: a figure beside its peer, measured in the same run.

export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly peer: string | null
  readonly peerValue: number | null
  /** value ÷ peerValue; above 1 is better than the peer for rates. */
  readonly ratio: number | null
  /** Algorithm, level, size, processor. */
  readonly note: string
}

const rounded = (value: number) => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))

/** A row with its ratio worked out. */
export function row(name: string, value: number, unit: string, note: string, peer?: string, peerValue?: number): Row {
  return {
    name,
    value: rounded(value),
    unit,
    peer: peer ?? null,
    peerValue: peerValue === undefined ? null : rounded(peerValue),
    ratio: peerValue === undefined ? null : rounded(value / peerValue),
    note,
  }
}
