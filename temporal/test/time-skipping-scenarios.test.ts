import { runScenarios } from './environment/run-scenarios.ts'
import { startTimeSkippingServer } from './environment/temporal-servers.ts'
import { timeSkippingScenarios } from './scenarios/index.ts'

runScenarios(timeSkippingScenarios, startTimeSkippingServer)
