import { type ChildProcess, spawn } from 'node:child_process'
import type { Socket } from 'node:net'

/**
 * Sees to it that a child does not outlive this process, even when that is killed: the other end of
 * the pipe then closes without a word.
 */
export function guard(child: ChildProcess): void {
  const watch = spawn('sh', ['-c', 'read -r word || kill -9 "$1"', 'sh', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of reach of Ctrl-C, which would end the watch first.
    detached: true,
  })
  const pipe = watch.stdin as Socket
  watch.unref()
  pipe.unref()
  child.once('exit', () => pipe.end('over\n'))
}
