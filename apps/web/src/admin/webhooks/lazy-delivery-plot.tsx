import { lazy, Suspense } from 'react'
import { Loading } from '../../components/notice.tsx'
import { loadChunk } from '../../load-chunk.ts'

const Plot = lazy(() => loadChunk(() => import('./delivery-plot.tsx')))

/** The plot of an endpoint's deliveries, in a separate bundle, because few pages draw plots. */
export const DeliveryPlot = ({ id }: { id: string }) => (
  <Suspense fallback={<Loading />}>
    <Plot id={id} />
  </Suspense>
)
