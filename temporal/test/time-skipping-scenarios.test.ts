import { play } from './environment/run-scenarios.ts'
import { skippingServer } from './environment/temporal-servers.ts'
import { lives } from './scenarios/index.ts'

play(lives, skippingServer)
