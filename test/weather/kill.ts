import { setTimeout as sleep } from 'node:timers/promises'
import type { World } from './world.ts'

const kills = 20
/** This often the server is killed before it is up. */
const everyStart = 5

const some = (most: number) => Math.floor(Math.random() * most)

/**
 * Kills the server twenty times at moments that nobody chose, most of them in the middle of
 * sign-ins, and starts it again each time. It is up in the end.
 */
export async function killAgainAndAgain(world: World): Promise<void> {
  const { server, live, promised, keepsItsWord, everyoneSignsIn } = world
  for (let number = 1; number <= kills; number += 1) {
    if (number % everyStart === 0) {
      const starting = server.start().catch(() => {})
      await sleep(some(1000))
      await server.kill()
      await starting
    } else {
      if (number > 1) await server.start()
      await keepsItsWord()
      const lives = live()
      await Promise.race([promised(some(7)).then(() => sleep(some(60))), lives])
      await server.kill()
      await lives
    }
  }
  await server.start()
  await keepsItsWord('all')
  await everyoneSignsIn()
}
