// A curve that characters stand on: a parallel of an ellipse, measured along its length. Lengths in millimetres from the centre, y upwards.

/** A place on a track: its point, and the clockwise angle by which an upright character turns to point outwards. */
export interface TrackPlace {
  readonly x: number
  readonly y: number
  readonly angle: number
}

export interface Track {
  /** Once around. */
  readonly length: number
  /** The place so far clockwise from the top; negative is anticlockwise. */
  at(distance: number): TrackPlace
  /** How far from the top the ray lies that leaves the centre at this clockwise angle, in radians from 0 to π. */
  distanceAt(angle: number): number
}

const samples = 1440

/** The curve `inset` within the ellipse of the half axes: not an ellipse itself, but everywhere as far from it. */
export function createTrack(halfWidth: number, halfHeight: number, inset: number): Track {
  const points: TrackPlace[] = []
  const along: number[] = [0]
  for (let index = 0; index <= samples; index++) {
    const t = (index / samples) * 2 * Math.PI
    const [sin, cos] = [Math.sin(t), Math.cos(t)]
    // Outward normal of (a sin t, b cos t) is (b sin t, a cos t).
    const angle = Math.atan2(halfHeight * sin, halfWidth * cos)
    const place = {
      x: halfWidth * sin - inset * Math.sin(angle),
      y: halfHeight * cos - inset * Math.cos(angle),
      angle,
    }
    const before = points.at(-1)
    if (before !== undefined) along.push(along.at(-1)! + Math.hypot(place.x - before.x, place.y - before.y))
    points.push(place)
  }
  const length = along.at(-1)!
  return {
    length,
    at(distance) {
      const wanted = ((distance % length) + length) % length
      const after = Math.min(samples, Math.max(1, firstAtLeast(along, wanted)))
      const share = (wanted - along[after - 1]!) / (along[after]! - along[after - 1]!)
      const [one, other] = [points[after - 1]!, points[after]!]
      const mix = (a: number, b: number) => a + (b - a) * share
      const turn = Math.atan2(Math.sin(other.angle - one.angle), Math.cos(other.angle - one.angle))
      return { x: mix(one.x, other.x), y: mix(one.y, other.y), angle: one.angle + turn * share }
    },
    distanceAt(angle) {
      const index = points.findIndex(({ x, y }, at) => at > 0 && (Math.atan2(x, y) >= angle || at === samples / 2))
      return along[index]!
    },
  }
}

function firstAtLeast(sorted: readonly number[], wanted: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! < wanted) low = middle + 1
    else high = middle
  }
  return low
}
