/**
 * For statements of their own that give out what only a later transaction uses: they commit without waiting for the disk, so that whoever
 * comes next waits for nothing. Only for what may be given out twice: where the database loses it in a crash that this process survives, a key
 * of the table that it is used in must refuse the second use.
 * To stand in `with`, and to be selected from.
 */
export const UNFLUSHED = `unflushed as materialized (select set_config('synchronous_commit', 'off', true))`
