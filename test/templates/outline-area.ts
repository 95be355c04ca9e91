import type { GlyphOutline } from '../../templates/fonts/index.ts'

/** Area by the shoelace formula over the outline's corners and a few points of each curve. */
export function outlineArea(commands: GlyphOutline['commands']): number {
  let area = 0
  let [x, y, startX, startY] = [0, 0, 0, 0]
  const to = (nx: number, ny: number) => {
    area += x * ny - nx * y
    ;[x, y] = [nx, ny]
  }
  for (const command of commands) {
    if (command[0] === 'M') [x, y, startX, startY] = [command[1], command[2], command[1], command[2]]
    else if (command[0] === 'L') to(command[1], command[2])
    else if (command[0] === 'Z') to(startX, startY)
    else {
      const [x0, y0, [, a, b, c, d, e, f]] = [x, y, command]
      for (let i = 1; i <= 8; i++) {
        const t = i / 8
        const s = 1 - t
        const mix = (p: number, q: number, r: number, u: number) =>
          s ** 3 * p + 3 * s * s * t * q + 3 * s * t * t * r + t ** 3 * u
        to(mix(x0, a, c, e), mix(y0, b, d, f))
      }
    }
  }
  return Math.abs(area / 2)
}
