import type { Drawing, Rgb } from '../definition.ts'

const wall: Rgb = [40, 40, 46]
const thin: Rgb = [120, 120, 128]
const lineOf = (x1: number, y1: number, x2: number, y2: number, width: number, colour: Rgb) =>
  ({ line: [x1, y1, x2, y2], width, colour }) as const

/** A made-up flat with its walls, measures and the arrow to the north. */
export const realEstatePlan: Drawing = {
  width: 640,
  height: 507,
  paper: [255, 255, 255],
  shapes: [
    { box: [100, 100, 440, 307], colour: [255, 255, 255] },
    { box: [100, 100, 200, 153], colour: [253, 246, 226] },
    { box: [407, 267, 133, 140], colour: [232, 243, 247] },
    ...[
      [100, 100, 540, 100],
      [540, 100, 540, 407],
      [540, 407, 100, 407],
      [100, 407, 100, 100],
      [300, 100, 300, 213],
      [300, 253, 300, 300],
      [100, 253, 220, 253],
      [260, 253, 300, 253],
      [407, 267, 467, 267],
      [507, 267, 540, 267],
      [407, 267, 407, 347],
      [407, 387, 407, 407],
      [220, 253, 220, 320],
      [220, 360, 220, 407],
    ].map(([x1, y1, x2, y2]) => lineOf(x1!, y1!, x2!, y2!, 6, wall)),
    ...[
      [100, 73, 540, 73],
      [100, 63, 100, 83],
      [540, 63, 540, 83],
      [567, 100, 567, 407],
      [557, 100, 577, 100],
      [557, 407, 577, 407],
    ].map(([x1, y1, x2, y2]) => lineOf(x1!, y1!, x2!, y2!, 2, thin)),
    lineOf(70, 440, 70, 393, 3, wall),
    lineOf(70, 393, 60, 412, 3, wall),
    lineOf(70, 393, 80, 412, 3, wall),
    { ellipse: [467, 173, 31, 31], colour: [236, 232, 220] },
    { ellipse: [467, 173, 23, 23], colour: [255, 255, 255] },
    { box: [127, 127, 87, 60], colour: [226, 214, 186] },
    { box: [427, 293, 40, 27], colour: [196, 220, 230] },
  ],
}
