/**
 * For statements of their own that give out what only a later transaction uses: they commit without waiting for the disk, so that whoever
 * comes next waits for nothing. That transaction's commit writes out all that came before it; lost in a crash is what nobody had yet.
 * To stand in `with`, and to be selected from.
 */
export const UNFLUSHED = `unflushed as materialized (select set_config('synchronous_commit', 'off', true))`
