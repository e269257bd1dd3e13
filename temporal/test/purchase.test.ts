import { lives } from './lives/index.ts'
import { play } from './stage/play.ts'
import { skippingServer } from './stage/servers.ts'

play(lives, skippingServer)
