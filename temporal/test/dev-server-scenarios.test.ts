import { play } from './environment/run-scenarios.ts'
import { realServer } from './environment/temporal-servers.ts'
import { serverLives } from './scenarios/index.ts'

play(serverLives, () => realServer(30))
