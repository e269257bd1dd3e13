import { serverLives } from './lives/index.ts'
import { play } from './stage/play.ts'
import { realServer } from './stage/servers.ts'

play(serverLives, () => realServer(30))
