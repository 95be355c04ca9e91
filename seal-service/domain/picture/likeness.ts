// How alike two seals are: their words first, then their looks.
import type { Coverage } from './raster.ts'

/** Pixels of the picture that is looked at. */
export const lookedAtSide = 256
const coarseSide = 64
const frequencies = 16
/** Octets of a look. */
const lookLength = (frequencies * frequencies) / 8

/**
 * A perceptual hash of 256 bits: the signs, against their median, of the lowest 16 × 16 frequencies (DCT-II) of the picture at 64 × 64. Of
 * pictures alike few bits differ; the size in millimetres does not count.
 */
export function hashLook(picture: Coverage): Uint8Array {
  const coarse = coarsen(picture)
  const values = lowFrequencies(coarse)
  // The first is the mean brightness, which says nothing of the form.
  const median = [...values.subarray(1)].sort((a, b) => a - b)[(values.length - 1) >> 1]!
  const look = new Uint8Array(lookLength)
  values.forEach((value, index) => {
    if (index > 0 && value > median) look[index >> 3]! |= 1 << (index & 7)
  })
  return look
}

/** How many of 256 bits differ. */
export function lookDistance(one: Uint8Array, other: Uint8Array): number {
  let distance = 0
  for (let i = 0; i < lookLength; i++) {
    for (let bits = one[i]! ^ other[i]!; bits !== 0; bits &= bits - 1) distance++
  }
  return distance
}

/** Mean ink of squares of pixels; the picture in the upper left, nothing beyond it. */
function coarsen({ width, height, ink }: Coverage): Float64Array {
  const size = lookedAtSide / coarseSide
  const coarse = new Float64Array(coarseSide * coarseSide)
  for (let y = 0; y < Math.min(height, lookedAtSide); y++) {
    for (let x = 0; x < Math.min(width, lookedAtSide); x++) {
      coarse[Math.floor(y / size) * coarseSide + Math.floor(x / size)]! += ink[y * width + x]! / (size * size)
    }
  }
  return coarse
}

const cosines = Float64Array.from({ length: frequencies * coarseSide }, (_, index) => {
  const [frequency, place] = [Math.floor(index / coarseSide), index % coarseSide]
  return Math.cos((Math.PI / coarseSide) * (place + 0.5) * frequency)
})

/** The DCT by rows, then by columns, of the lowest frequencies alone. */
function lowFrequencies(coarse: Float64Array): Float64Array {
  const rows = new Float64Array(coarseSide * frequencies)
  for (let y = 0; y < coarseSide; y++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let x = 0; x < coarseSide; x++) sum += coarse[y * coarseSide + x]! * cosines[u * coarseSide + x]!
      rows[y * frequencies + u] = sum
    }
  }
  const values = new Float64Array(frequencies * frequencies)
  for (let v = 0; v < frequencies; v++) {
    for (let u = 0; u < frequencies; u++) {
      let sum = 0
      for (let y = 0; y < coarseSide; y++) sum += rows[y * frequencies + u]! * cosines[v * coarseSide + y]!
      values[v * frequencies + u] = sum
    }
  }
  return values
}
