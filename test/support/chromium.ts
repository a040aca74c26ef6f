/** The Chromium that browser tests use: found on the machine, or installed where that is easy. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { chromium } from 'playwright-core'

const run = promisify(execFile)

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/** Path of a Chromium that starts, or null; `CHROMIUM` names one that goes before all others. */
export async function findChromium(): Promise<string | null> {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin']
  const candidates = [
    ...(process.env.CHROMIUM ? [process.env.CHROMIUM] : []),
    ...names.flatMap((name) => folders.map((folder) => join(folder, name))),
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    chromium.executablePath(),
  ]
  for (const path of new Set(candidates)) {
    if (existsSync(path) && (await starts(path))) return path
  }
  return null
}

/** Ubuntu's package is a stub that only says how to get a snap. */
const starts = (path: string): Promise<boolean> =>
  run(path, ['--version'], { timeout: 20_000 }).then(
    () => true,
    () => false,
  )

/**
 * Path of a Chromium. As root on Debian and its relatives it is installed if there is none.
 *
 * @throws Error with one line that says how to get it
 */
export async function bringChromium(say: (line: string) => void): Promise<string> {
  const found = await findChromium()
  if (found) return found
  if (process.getuid?.() === 0 && isDebian()) {
    say('No Chromium was found: installing the package chromium with apt-get.')
    await install()
    const installed = await findChromium()
    if (installed) return installed
  }
  throw new Error(
    'The browser tests need a Chromium: run `npx playwright-core install --with-deps chromium`, ' +
      'install one (Debian: apt-get install chromium), or name one in CHROMIUM.',
  )
}

const isDebian = (): boolean => {
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/etc/os-release')) return false
  return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
}

async function install(): Promise<void> {
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024,
  }
  try {
    await run('apt-get', ['-q', 'update'], options)
    await run('apt-get', ['-q', '-y', 'install', '--no-install-recommends', 'chromium'], options)
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string }
    throw new Error(`apt-get could not install chromium: ${stderr.trim().split('\n').at(-1)}`)
  }
}
