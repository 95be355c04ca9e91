/** ISO/IEC 18004 table 9, level M: error correction codewords per block, then [blocks, data codewords per block] once or twice. */
export const levelM: readonly { readonly ec: number; readonly groups: readonly (readonly [number, number])[] }[] = [
  { ec: 10, groups: [[1, 16]] },
  { ec: 16, groups: [[1, 28]] },
  { ec: 26, groups: [[1, 44]] },
  { ec: 18, groups: [[2, 32]] },
  { ec: 24, groups: [[2, 43]] },
  { ec: 16, groups: [[4, 27]] },
  { ec: 18, groups: [[4, 31]] },
  {
    ec: 22,
    groups: [
      [2, 38],
      [2, 39],
    ],
  },
  {
    ec: 22,
    groups: [
      [3, 36],
      [2, 37],
    ],
  },
  {
    ec: 26,
    groups: [
      [4, 43],
      [1, 44],
    ],
  },
  {
    ec: 30,
    groups: [
      [1, 50],
      [4, 51],
    ],
  },
  {
    ec: 22,
    groups: [
      [6, 36],
      [2, 37],
    ],
  },
  {
    ec: 22,
    groups: [
      [8, 37],
      [1, 38],
    ],
  },
  {
    ec: 24,
    groups: [
      [4, 40],
      [5, 41],
    ],
  },
]

/** ISO/IEC 18004 annex E: centres of the alignment patterns. */
export const alignmentCentres: readonly (readonly number[])[] = [
  [],
  [6, 18],
  [6, 22],
  [6, 26],
  [6, 30],
  [6, 34],
  [6, 22, 38],
  [6, 24, 42],
  [6, 26, 46],
  [6, 28, 50],
  [6, 30, 54],
  [6, 32, 58],
  [6, 34, 62],
  [6, 26, 46, 66],
]

export const alphanumeric = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
