import { ReportPage } from './report-page.tsx'

/** The start page: the sales of a period. */
const OverviewPage = () => <ReportPage title="Overview" path="/" />

export default OverviewPage
