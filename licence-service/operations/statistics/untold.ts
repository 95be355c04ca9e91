/** Figures of a group by their names; null where so few are not told. */
export interface CountedGroup {
  readonly figures: Record<string, number | null>
  /** The figures to which other departments than the caller's own add. */
  readonly ofOthers: Set<string>
}

/**
 * Where one group alone of a figure is not told, the sum over all groups, which an answer by something else tells, would tell it. So the
 * smallest other group is not told either; never one of the caller's own alone, which the caller could count.
 */
export function hideSecondGroup(groups: Iterable<CountedGroup>, names: readonly string[]): void {
  const all = [...groups]
  for (const name of names) {
    if (all.filter(({ figures }) => figures[name] === null).length !== 1) continue
    const [smallest] = all
      .filter(({ figures, ofOthers }) => (figures[name] ?? 0) > 0 && ofOthers.has(name))
      .sort((one, other) => (one.figures[name] ?? 0) - (other.figures[name] ?? 0))
    if (smallest) smallest.figures[name] = null
  }
}
