import { runScenarios } from './environment/run-scenarios.ts'
import { startDevServer } from './environment/temporal-servers.ts'
import { devServerScenarios } from './scenarios/index.ts'

runScenarios(devServerScenarios, () => startDevServer(30))
